"""RECIST 1.1: target lesions, their sum, and the category of response, each with its rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from explorer.html import table_html
from graphs.errors import FollowError
from graphs.recist_rules import recist_data, recist_rule
from graphs.recist_targets import recist_targets
from graphs.seen_lesion import SeenLesion

_CANNOT = "cannot assess"


@dataclass(frozen=True)
class RecistVisit:
    """What one visit comes to.

    Attributes
    ----------
    visit : str
    sum_mm : float or None
        None where a target was not measured.
    from_baseline, from_nadir : float or None
        As fractions: -0.3 is 30 % less.
    target, non_target : str
        'CR', 'PR', 'SD', 'PD', 'NE', 'non-CR/non-PD', 'none' or 'baseline'.
    new : tuple of str
    category : str
        'baseline', 'CR', 'PR', 'SD', 'PD', or 'cannot assess'.
    rules : tuple of str
        Ids of the rules that decided; `recist_rule` tells each.
    needs : tuple of str
        Of 'cannot assess': what is missing.
    reason : str
    """

    visit: str
    sum_mm: float | None
    from_baseline: float | None
    from_nadir: float | None
    target: str
    non_target: str
    new: tuple[str, ...]
    category: str
    rules: tuple[str, ...]
    needs: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Recist:
    """RECIST 1.1 over a patient's visits.

    Attributes
    ----------
    targets, non_targets : tuple of str
        Lesions, as the baseline has them.
    visits : tuple of RecistVisit
    source : str
    notes : tuple of str
        Why a lesion is no target.
    """

    targets: tuple[str, ...]
    non_targets: tuple[str, ...]
    visits: tuple[RecistVisit, ...]
    source: str
    notes: tuple[str, ...] = field(default_factory=tuple)

    def _repr_html_(self) -> str:
        head = ["visit", "sum / mm", "of baseline", "of nadir", "targets", "non-targets", "new",
                "response", "why"]  # fmt: skip
        rows = [
            [v.visit, None if v.sum_mm is None else round(v.sum_mm, 1), _percent(v.from_baseline),
             _percent(v.from_nadir), v.target, v.non_target, ", ".join(v.new) or None,
             v.category, v.reason]
            for v in self.visits
        ]  # fmt: skip
        caption = f"{self.source}; {len(self.targets)} targets. For research, no diagnosis"
        return table_html(head, rows, caption)


def recist(
    visits: Sequence[tuple[str, Sequence[SeenLesion]]], targets: Iterable[str] | None = None
) -> Recist:
    """Assess visits in the order of time; the first is the baseline.

    A lesion that a visit does not mention was not evaluated there: absence must be said. One
    that appears at a later visit is a new lesion.

    Parameters
    ----------
    visits : sequence of (str, sequence of SeenLesion)
    targets : iterable of str, optional
        By default chosen by the rules: measurable, the largest first, five at most, two an organ.

    Returns
    -------
    Recist

    Raises
    ------
    FollowError
        No visit, a lesion twice at one visit, or a named target that the baseline does not have.

    Notes
    -----
    Eisenhauer et al., Eur J Cancer 45 (2009) 228-247. Confirmation of a response (section 4.6)
    and a minimal time of stable disease are the protocol's and not assessed.
    """
    seen = [(name, _by_lesion(name, lesions)) for name, lesions in visits]
    if not seen:
        raise FollowError("No visit to assess", expected="a baseline at least")
    first = seen[0][1]
    chosen, notes = recist_targets(first, targets)
    others = tuple(n for n, one in first.items() if n not in chosen and one.state == "present")
    known = {name for name, one in first.items() if one.state == "present"}
    found: list[RecistVisit] = []
    sums: list[float] = []
    arisen: set[str] = set()
    gone: set[str] = set()
    for position, (name, here) in enumerate(seen):
        present = {n for n, one in here.items() if one.state == "present"}
        if position:
            arisen |= present - known
        made = _assess(name, here, chosen, others, tuple(sorted(arisen)), sums, first)
        back = tuple(sorted(gone & present))
        if back:
            made = _back(made, back)
        if made.category == "CR":
            gone |= {n for n, one in here.items() if one.state == "absent"}
        if made.sum_mm is not None:
            sums.append(made.sum_mm)
        found.append(made)
    return Recist(chosen, others, tuple(found), str(recist_data()["source"]), notes)


def _by_lesion(visit: str, lesions: Sequence[SeenLesion]) -> dict[str, SeenLesion]:
    found = {one.lesion: one for one in lesions}
    if len(found) != len(lesions):
        raise FollowError("A lesion stands twice at one visit", where=visit)
    return found


def _assess(
    name: str,
    here: dict[str, SeenLesion],
    targets: tuple[str, ...],
    others: tuple[str, ...],
    arisen: tuple[str, ...],
    sums: list[float],
    first: dict[str, SeenLesion],
) -> RecistVisit:
    sizes = {n: here[n].size_mm if n in here else None for n in targets}
    unmeasured = tuple(n for n, size in sizes.items() if size is None)
    least = sum(size for size in sizes.values() if size is not None)
    total = None if unmeasured or not targets else least
    if here is first:
        missing = () if targets or others else ("a lesion at the baseline",)
        return RecistVisit(
            name, total, None, None, "baseline", "baseline", (),
            "baseline" if not missing else _CANNOT, ("measurable", "targets", "sum"), missing,
            f"baseline of {len(targets)} targets and {len(others)} non-targets",
        )  # fmt: skip
    nadir = min(sums) if sums else None
    target = _target(here, targets, total, least, sums, nadir)
    other, unseen = _others(here, others)
    needs = [_needed(n, here) for n in unmeasured] if target == "NE" else []
    if target == "none" and not others:
        needs.append("a lesion at the baseline")
    category, rules = _overall(target, other, bool(arisen))
    if target == "none":
        category, rules = _without_targets(other, bool(arisen), bool(unseen))
    if category == _CANNOT and target == "none":
        needs += [f"whether {n} is there" for n in unseen]
    return RecistVisit(
        name, total, _part(total, sums[0] if sums else None), _part(total, nadir), target,
        other, arisen, category, rules, tuple(needs) if category == _CANNOT else (),
        _reason(category, rules, needs),
    )  # fmt: skip


def _needed(lesion: str, here: dict[str, SeenLesion]) -> str:
    said = here[lesion].missing if lesion in here else ""
    return said or f"the size of {lesion}"


def _target(
    here: dict[str, SeenLesion],
    targets: tuple[str, ...],
    total: float | None,
    least: float,
    sums: list[float],
    nadir: float | None,
) -> str:
    """Response of the targets; what is measured may show progression though some is missing."""
    limits = recist_data()["response"]
    if not targets:
        return "none"
    if nadir is None:
        return "NE"
    # a sum that grew from nothing has no percentage: the 5 mm decide
    grown = least - nadir
    if _reaches(grown, limits["progress"] * nadir) and _reaches(grown, limits["progress_mm"]):
        return "PD"
    if total is None:
        return "NE"
    if all(_gone(here[n]) for n in targets):
        return "CR"
    if _reaches(sums[0] - total, limits["partial"] * sums[0]):
        return "PR"
    return "SD"


def _reaches(value: float, limit: float) -> bool:
    """Whether a length is at least another; sums of decimals are not exact."""
    return bool(value >= limit - 1e-9)


def _gone(one: SeenLesion) -> bool:
    if one.state == "absent":
        return True
    normal = float(recist_data()["measurable"]["node_normal_mm"])
    return one.node and one.size_mm is not None and one.size_mm < normal


def _others(here: dict[str, SeenLesion], others: tuple[str, ...]) -> tuple[str, list[str]]:
    if not others:
        return "none", []
    if any(n in here and here[n].progressed for n in others):
        return "PD", []
    unseen = [n for n in others if n not in here or here[n].state == "not evaluated"]
    if unseen:
        return "NE", unseen
    # a node whose size nobody measured may be normal by now
    unmeasured = [n for n in others if here[n].node and here[n].size_mm is None]
    if all(_gone(here[n]) for n in others):
        return "CR", []
    return ("NE", unmeasured) if unmeasured else ("non-CR/non-PD", [])


def _overall(target: str, other: str, new: bool) -> tuple[str, tuple[str, ...]]:
    own = {"CR": "target-cr", "PR": "target-pr", "SD": "target-sd", "PD": "target-pd",
           "NE": "target-ne"}.get(target)  # fmt: skip
    theirs = {"CR": "non-target-cr", "non-CR/non-PD": "non-target-present",
              "PD": "non-target-pd"}.get(other)  # fmt: skip
    decided = tuple(rule for rule in (own, theirs, "new-lesion" if new else None) if rule)
    if target == "PD" or other == "PD" or new:
        return "PD", (*decided, "overall-pd")
    if target == "NE":
        return _CANNOT, (*decided, "overall-ne")
    if target == "CR" and other in ("CR", "none"):
        return "CR", (*decided, "overall-cr")
    if target in ("CR", "PR"):
        return "PR", (*decided, "overall-pr")
    return "SD", (*decided, "overall-sd")


def _without_targets(other: str, new: bool, unseen: bool) -> tuple[str, tuple[str, ...]]:
    """Table 2 of the guideline: patients with non-target disease alone."""
    if other == "PD" or new:
        rules = ("non-target-pd",) if other == "PD" else ()
        return "PD", (*rules, *(("new-lesion",) if new else ()), "overall-pd")
    if other == "CR":
        return "CR", ("non-target-cr", "overall-cr")
    if other == "non-CR/non-PD":
        return "non-CR/non-PD", ("non-target-present",)
    return _CANNOT, ("overall-ne",)


def _reason(category: str, rules: tuple[str, ...], needs: list[str]) -> str:
    said = "; ".join(f"{name}: {recist_rule(name)}" for name in rules)
    return f"{_CANNOT}, needs {', '.join(needs)}. {said}" if category == _CANNOT else said


def _back(made: RecistVisit, back: tuple[str, ...]) -> RecistVisit:
    """Progression by lesions that a complete response had been free of."""
    decided = tuple(rule for rule in made.rules if not rule.startswith("overall-"))
    rules = (*decided, "back-after-cr", "overall-pd")
    reason = f"back: {', '.join(back)}. {_reason('PD', rules, [])}"
    return replace(made, category="PD", rules=rules, needs=(), reason=reason)


def _part(value: float | None, of: float | None) -> float | None:
    return None if value is None or not of else value / of - 1


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{value:+.0%}"
