"""The check 'synthetic': what was made up has no place in a test."""

from __future__ import annotations

from explorer.patient_set import PatientSet
from explorer.split.leak import Checked, Leak, LeakSettings, Sides
from explorer.split.synthetic_of import synthetic_of

NAME = "synthetic"


def synthetic(cohort: PatientSet, settings: LeakSettings) -> Checked:
    """Find patients of whom anything is made up; in a test part that is a leak.

    Parameters
    ----------
    cohort : PatientSet
    settings : LeakSettings

    Returns
    -------
    Checked
    """
    sides = Sides(cohort)
    items = cohort.rows("items", ["item", "kind", "synthetic"]).to_pylist()
    first = {row["patient"]: row for row in items if row["synthetic"]}
    found = Checked(NAME, "patients", len(cohort))
    for key, counts in synthetic_of(cohort).items():
        row = first.get(key)
        side = sides.of(key, f"{row['kind']}s", row["item"]) if row else sides.of(key)
        what = ", ".join(f"{count} {name}" if name != "the patient" else name
                         for name, count in counts.items())  # fmt: skip
        found.leaks.append(Leak(NAME, "leak", side, None, f"synthetic: {what}"))
    return found
