"""The check 'late facts': features that nobody knew on the index day."""

from __future__ import annotations

from explorer.patient_set import PatientSet
from explorer.split.leak import Checked, Leak, LeakSettings, Side, Sides

NAME = "late facts"


def late_facts(cohort: PatientSet, settings: LeakSettings) -> Checked:
    """Look for facts after the index date, and for outcomes among the features.

    Such a fact leaks in whichever part it stands: from the outcome into the features.

    Parameters
    ----------
    cohort : PatientSet
    settings : LeakSettings
        With a task; without one nothing is looked at.

    Returns
    -------
    Checked
    """
    found = Checked(NAME, "rows")
    if settings.task is None:
        return found
    from explorer.windows.late_facts import late_facts as look

    sides, late = Sides(cohort), look(cohort, settings.task)
    found.looked_at = sum(late.checked.values())
    for row in late.rows.to_dict("records"):
        key = row["patient"]
        side = Side(key, sides.labels.get(key, key), row["address"])
        why = row["why"] or f"{row['offset']} days from the index day"
        said = f"{row['table']} {row['what']!r}: {row['place']}, {why}"
        found.leaks.append(Leak(NAME, "leak", side, None, said))
    for row in late.cannot_tell.to_dict("records"):
        what = f"{row['table']} {row['what']!r}: {row['why']}"
        found.cannot[what] = found.cannot.get(what, 0) + int(row["rows"])
    return found
