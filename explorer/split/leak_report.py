"""LeakReport: what the checks say of one way to divide patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from explorer.html import table_html
from explorer.shown_list import ShownList
from explorer.split.leak import Checked, Leak

_SHOWN = 50


@dataclass(frozen=True)
class LeakReport:
    """Leaks between the parts, and into those that are tested on.

    Attributes
    ----------
    leaks : tuple of Leak
        What crosses: 'leak', 'cannot tell' and 'note', the certain ones first.
    allowed : tuple of str
        Checks whose leaks a person has accepted.
    checked : tuple of dict
        For each check: name, things, how many were looked at, how many leaks within the set
        (crossing or not), what could not be compared and why.
    left_out : tuple of str
        Checks that were not made.
    notes : tuple of str
        What else is worth knowing.
    kept : mapping or None
        Of a report that was read from a store, which keeps the counts alone: `counts`.
    """

    leaks: tuple[Leak, ...] = ()
    allowed: tuple[str, ...] = ()
    checked: tuple[dict[str, Any], ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kept: Mapping[str, Mapping[str, int]] | None = None

    @classmethod
    def of(
        cls,
        checked: Iterable[Checked],
        where: Mapping[str, tuple[str, ...]],
        tested: Collection[str],
        allowed: Collection[str] = (),
        left_out: Collection[str] = (),
        notes: Iterable[str] = (),
    ) -> LeakReport:
        """Keep what crosses parts.

        Parameters
        ----------
        checked : iterable of Checked
        where : mapping
            Key to the parts that the patient is in: one, or one a level of nested folds.
        tested : collection of str
            Keys of those who are tested on.
        allowed, left_out : collection of str
            Names of checks.
        notes : iterable of str
        """
        everything, about = [], []
        for one in checked:
            everything += [
                replace(leak, parts=_parts(leak, where)) for leak in one.leaks
                if _crosses(leak, where, tested)
            ]  # fmt: skip
            about.append({"check": one.check, "things": one.things, "looked_at": one.looked_at,
                          "within": len(one.leaks), "cannot": dict(one.cannot)})  # fmt: skip
        order = {"leak": 0, "cannot tell": 1, "note": 2}
        everything.sort(key=lambda leak: order[leak.severity])
        return cls(tuple(everything), tuple(allowed), tuple(about), tuple(left_out), tuple(notes))

    def _some(self, severity: str, *, accepted: bool = False) -> ShownList[Leak]:
        some = [leak for leak in self.leaks if leak.severity == severity
                and (leak.check in self.allowed) == accepted]  # fmt: skip
        return _shown(some, severity)

    @property
    def found(self) -> ShownList[Leak]:
        """Leaks that nobody has accepted."""
        return self._some("leak")

    @property
    def accepted(self) -> ShownList[Leak]:
        """Leaks that a person has accepted by naming the check."""
        return self._some("leak", accepted=True)

    @property
    def cannot_tell(self) -> ShownList[Leak]:
        """What may be a leak, and nobody has said."""
        return _shown([one for one in self.leaks if one.severity == "cannot tell"], "undecided")

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Check to severity to how many."""
        if self.kept is not None:
            return {name: dict(count) for name, count in self.kept.items()}
        counted: dict[str, Counter[str]] = {one["check"]: Counter() for one in self.checked}
        for leak in self.leaks:
            accepted = leak.severity == "leak" and leak.check in self.allowed
            said = "accepted" if accepted else leak.severity
            counted.setdefault(leak.check, Counter())[said] += 1
        return {name: dict(count) for name, count in counted.items()}

    def document(self) -> dict[str, Any]:
        """The same, for JSON."""
        return {
            "counts": self.counts,
            "allowed": list(self.allowed),
            "left_out": list(self.left_out),
            "checked": list(self.checked),
            "notes": list(self.notes),
            "leaks": [leak.document() for leak in self.leaks],
        }

    def __repr__(self) -> str:
        total: Counter[str] = Counter()
        for count in self.counts.values():
            total.update(count)
        return (
            f"<LeakReport: {total['leak']} leaks, {total['accepted']} accepted, "
            f"{total['cannot tell']} cannot tell, {len(self.checked)} checks made, "
            f"{len(self.left_out)} not>"
        )

    def _repr_html_(self) -> str:
        counts = self.counts
        rows = [
            [one["check"], f"{one['looked_at']} {one['things']}",
             counts[one["check"]].get("leak", 0), counts[one["check"]].get("accepted", 0),
             counts[one["check"]].get("cannot tell", 0) + sum(one["cannot"].values()),
             "; ".join(f"{why}: {n}" for why, n in one["cannot"].items()) or None]
            for one in self.checked
        ]  # fmt: skip
        rows += [[name, "not looked at", None, None, None, None] for name in self.left_out]
        head = ["check", "looked at", "leaks", "accepted", "cannot tell", "why"]
        some = _shown(self.leaks, "links between parts")._repr_html_() if self.leaks else ""
        notes = table_html(["also"], [[one] for one in self.notes]) if self.notes else ""
        return table_html(head, rows, repr(self)[1:-1]) + notes + some


def _parts(leak: Leak, where: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    sides = [leak.one, *([leak.other] if leak.other else [])]
    return tuple(", ".join(where.get(side.key, ())) for side in sides)


def _crosses(leak: Leak, where: Mapping[str, tuple[str, ...]], tested: Collection[str]) -> bool:
    if leak.other is None:
        return leak.check == "late facts" or leak.one.key in tested
    one, other = where.get(leak.one.key), where.get(leak.other.key)
    return one is not None and other is not None and one != other


def _shown(leaks: Iterable[Leak], what: str) -> ShownList[Leak]:
    return ShownList(
        leaks,
        ["check", "severity", "one", "other", "parts", "evidence", "where"],
        lambda one: [
            one.check, one.severity, one.one.label, one.other.label if one.other else None,
            " | ".join(one.parts), one.evidence,
            " ".join(side.address for side in (one.one, one.other) if side),
        ],
        what,
    )  # fmt: skip
