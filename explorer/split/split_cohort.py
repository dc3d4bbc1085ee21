"""split_cohort: a set of patients in parts that share nobody and, as far as is known, nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from explorer.patient_set import PatientSet
from explorer.split.by_time import FIRST_IMAGE, TimeCut, When, part_of_time
from explorer.split.division import Division
from explorer.split.empty_parts import empty_parts
from explorer.split.find_leaks import CHECKS, find_leaks
from explorer.split.leak import Checked, LeakSettings
from explorer.split.leak_error import LeakError
from explorer.split.leak_report import LeakReport
from explorer.split.linked import linked
from explorer.split.split import Split
from explorer.split.split_error import SplitError
from explorer.split.values_of import Values, Wanted, values_of

_TESTED = ("test", "holdout", "hold-out", "external", "fold ")


def split_cohort(
    cohort: PatientSet,
    parts: Mapping[str, float] | None = None,
    *,
    folds: int | None = None,
    nested: int | None = None,
    stratify: Wanted | Sequence[Wanted] = (),
    group: Wanted | Sequence[Wanted] = (),
    time: When | None = None,
    dated: str = FIRST_IMAGE,
    seed: int = 0,
    fixed: Mapping[str, Iterable[str]] | None = None,
    bins: int = 4,
    stable: bool = False,
    together: bool = False,
    allow: Iterable[str] = (),
    checks: Iterable[str] | None = None,
    tested: Iterable[str] | None = None,
    task: Any = None,
    flips: bool = True,
    across: str | None = None,
    by: Sequence[str] = ("kernel",),
    name: str = "",
) -> Split:
    """Divide a cohort by patient.

    The same labels, settings and seed give the same parts, in whichever order the patients come
    and in whichever store they lie. With one patient more or less the others of his stratum move
    by one place at the most (without groups); with `stable` nobody else moves.

    Parameters
    ----------
    cohort : PatientSet
    parts : mapping, optional
        Part to share; train 0.7, val 0.15, test 0.15 by default. They are divided by their sum
        (8, 1, 1), which the split says; fractions of more than 1 are refused. With `folds`, the
        first part is divided into them; without `parts` everybody is.
    folds, nested : int, optional
        Folds of equal size ('fold 1', ...), and inner folds of those who are trained on in each
        ('fold 1/inner 1', ...).
    stratify : str, mapping, or a sequence of them
        What every part should have in the same proportions; see `values_of`. Numbers are cut into
        `bins` quantiles; whoever has no value is a stratum of its own, by the state of absence.
    group : str, mapping, or a sequence of them
        Whoever shares a value stays together: 'site', 'scanner', 'facts: NAME', 'tcga site'. Who
        has none stands alone, and the report says how many.
    time : str or mapping, optional
        'newest into test', 'oldest into train' or ``{"test": "2015-01-01"}``.
    dated : str
        What it goes by: 'first image', 'time zero', or 'facts: NAME' with dates or numbers.
    seed : int
    fixed : mapping, optional
        Part to names or keys of patients who belong there.
    bins : int
    stable : bool
        A patient's place follows from his name alone; see `divide`.
    together : bool
        Patients who are linked by a check, or may be, go into one part; those of the same values
        of `group` anyway.
    allow : iterable of str
        Checks whose leaks are accepted; the split remembers.
    checks : iterable of str, optional
        Only these; the split says which were not made.
    tested : iterable of str, optional
        Parts that are tested on: those named test, holdout or external, and the folds.
    task : Task, optional
        Index date and windows; facts after them are leaks.
    flips : bool
        Whether near duplicates may be mirrored.
    across : {'reconstruction'}, optional
        To train on one reconstruction and test on another: `Split.reconstructions`.
    by : sequence of str
        What tells the reconstructions apart.
    name : str

    Returns
    -------
    Split

    Raises
    ------
    LeakError
        Something leaks; `LeakError.found` has all of it.
    SplitError
        The parts cannot be made.
    """
    asked = Division(cohort, parts, folds, nested, seed, bins, stable)
    if across not in (None, "reconstruction"):
        raise SplitError(f"across={across!r}", expected="'reconstruction'")
    accepted = tuple(dict.fromkeys((allow,) if isinstance(allow, str) else allow))
    if unknown := [one for one in accepted if one not in CHECKS]:
        raise SplitError(f"No check {unknown[0]!r} to allow", expected=f"one of {list(CHECKS)}")
    made = list(CHECKS) if checks is None else list(checks)
    if task is None and "late facts" in made:
        made.remove("late facts")
    if time is not None and asked.shares:
        part_of_time(time, asked.shares)
    # what is misspelt is told before the images are looked at
    asked.strata = [values_of(cohort, one) for one in _several(stratify)]
    groups = [values_of(cohort, one) for one in _several(group)]
    found = find_leaks(cohort, made, LeakSettings(task, flips))
    asked.unit_of = linked(cohort.keys, _links(groups, found, together))
    members, cut = asked.divide(fixed or {}, time, dated)
    test = _tested(members, tested)
    report = LeakReport.of(
        found, _where(members, cohort.keys),
        {key for part in test for key in members[part]},
        accepted, [one for one in CHECKS if one not in made],
        (*([asked.said] if asked.said else []), *_notes(groups, cut, found if together else ()),
         *empty_parts(members, asked.shares)),
    )  # fmt: skip
    if report.found:
        raise LeakError(report)
    settings: dict[str, Any] = {
        "parts": dict(asked.shares), "folds": folds, "nested": nested,
        "stratify": [one.name for one in asked.strata], "group": [one.name for one in groups],
        "time": time if time is None or isinstance(time, str) else dict(time),
        "dated": cut.cut if cut else None, "seed": seed,
        "fixed": {part: len(list(some)) for part, some in (fixed or {}).items()}, "bins": bins,
        "stable": stable, "together": together, "allow": list(accepted), "tested": test,
        "task": getattr(task, "name", None) and str(task.name),
        "across": across, "across_by": list(by) if across else None,
    }  # fmt: skip
    strata = {one.name: one.strata(bins) for one in asked.strata}
    return Split(cohort, members, settings, report, strata, name)


def _several(wanted: Wanted | Sequence[Wanted]) -> list[Wanted]:
    return [wanted] if isinstance(wanted, str | Mapping) else list(wanted)


def _links(
    groups: Sequence[Values], found: Sequence[Checked], together: bool
) -> Iterable[Iterable[str]]:
    for values in groups:
        holders: dict[str, list[str]] = {}
        for key, some in values.of.items():
            for value in some:
                holders.setdefault(value, []).append(key)
        yield from holders.values()
    for one in found if together else ():
        for leak in one.leaks:
            if leak.other is not None and leak.severity != "note":
                yield leak.one.key, leak.other.key


def _where(
    members: Mapping[str, tuple[str, ...]], keys: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Each patient's parts; of nested folds one for each outer fold that he is trained on in."""
    found: dict[str, list[str]] = {key: [] for key in keys}
    for part, some in members.items():
        for key in some:
            found[key].append(part)
    return {key: tuple(parts) for key, parts in found.items()}


def _tested(members: Mapping[str, Any], tested: Iterable[str] | None) -> list[str]:
    names = [part for part in members if "/" not in part]
    if tested is not None:
        wanted = [tested] if isinstance(tested, str) else list(tested)
        if unknown := [part for part in wanted if part not in names]:
            raise SplitError(f"No part {unknown[0]!r} to test on", expected=f"one of {names}")
        return wanted
    return [part for part in names if part.casefold().startswith(_TESTED)] or names[1:]


def _notes(
    groups: Sequence[Values], cut: TimeCut | None, kept: Collection[Checked]
) -> tuple[str, ...]:
    notes = [
        f"{len(one.missing)} patients have no {one.name}: whether they share one cannot be told"
        for one in groups if one.missing
    ]  # fmt: skip
    if cut is not None:
        notes.append(f"{cut.part}: {cut.cut}; dates that were shifted patient by patient, as in "
                     "de-identified sources, say nothing of who came later")  # fmt: skip
        if cut.undated:
            notes.append(f"{len(cut.undated)} patients have no date, and are not in {cut.part} "
                         "by time")  # fmt: skip
        if cut.straddling:
            notes.append(f"{cut.straddling} patients elsewhere are within the time of {cut.part}: "
                         "they are fixed, or stay with their group")  # fmt: skip
    pairs = sum(leak.other is not None for one in kept for leak in one.leaks)
    if pairs:
        notes.append(f"{pairs} links between patients kept together")
    return tuple(notes)
