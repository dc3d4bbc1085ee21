"""find_leaks: every check on a set of patients, before they are divided."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.errors import NotFoundError
from explorer.patient_set import PatientSet
from explorer.split.leak import Checked, LeakCheck, LeakSettings
from explorer.split.leaks.identity import identity
from explorer.split.leaks.late_facts import late_facts
from explorer.split.leaks.near_duplicates import near_duplicates
from explorer.split.leaks.predicted import predicted
from explorer.split.leaks.same_records import same_records
from explorer.split.leaks.same_source import same_source
from explorer.split.leaks.same_study import same_study
from explorer.split.leaks.synthetic import synthetic

#: The checks by name, the cheap ones first.
CHECKS: dict[str, LeakCheck] = {
    "identity": identity,
    "same source": same_source,
    "same study": same_study,
    "same records": same_records,
    "synthetic": synthetic,
    "predicted": predicted,
    "late facts": late_facts,
    "near duplicates": near_duplicates,
}


def find_leaks(
    cohort: PatientSet,
    checks: Iterable[str] | None = None,
    settings: LeakSettings | None = None,
) -> list[Checked]:
    """Look for what could leak between any two patients of a set, or into a test.

    Parameters
    ----------
    cohort : PatientSet
    checks : iterable of str, optional
        Names of `CHECKS`; all by default. 'near duplicates' reads every image once.
    settings : LeakSettings, optional

    Returns
    -------
    list of Checked

    Raises
    ------
    NotFoundError
        There is no such check.
    """
    names = list(CHECKS) if checks is None else list(dict.fromkeys(checks))
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        raise NotFoundError(f"No check {unknown[0]!r}", expected=f"one of {list(CHECKS)}")
    given = settings or LeakSettings()
    return [CHECKS[name](cohort, given) for name in names]
