"""why_none: what the facts say of patients who have nothing of a modality."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

_STATES = ("absent", "not acquired", "not extracted", "withheld", "unknown")


def why_none(patients: PatientSet, modality: str) -> list[str]:
    """A state of absence for each patient, as `Cohort.having` tells it.

    Parameters
    ----------
    patients : PatientSet
    modality : str
        A fact of that name (without regard to case) may say 'not acquired'.

    Returns
    -------
    list of str, (patient,)
        'unknown' where nothing is said.
    """
    said: dict[str, str] = {}
    for row in patients.rows("facts", ["name", "state"]).to_pylist():
        if (row["name"] or "").casefold() == modality.casefold():
            state = (row["state"] or "").partition(":")[0].strip()
            if state in _STATES:
                said.setdefault(row["patient"], state)
    return [said.get(key, "unknown") for key in patients.keys]
