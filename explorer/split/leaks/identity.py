"""The check 'identity': two patients who may be one person."""

from __future__ import annotations

from explorer.match import match
from explorer.patient_set import PatientSet
from explorer.split.leak import Checked, Leak, LeakSettings, Sides

NAME = "identity"
_BY_SOURCE = ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "file")


def identity(cohort: PatientSet, settings: LeakSettings) -> Checked:
    """Find joins, joins that were taken back, and proposals that nobody has decided.

    A join that is in force is a leak where the set is older than it and holds both patients. A
    barcode that contains the other's case is one by its own definition. All else (the same
    identifier from two sources, names that are alike, a join that was undone) is for a person to
    decide: 'cannot tell'.

    Parameters
    ----------
    cohort : PatientSet
    settings : LeakSettings

    Returns
    -------
    Checked
    """
    sides = Sides(cohort)
    found = Checked(NAME, "patients", len(cohort))
    joined = set()
    for row in cohort.store.records.read("joins").to_pylist():
        pair = row["patient"], row["into"]
        if pair[0] not in sides or pair[1] not in sides:
            continue
        joined.add(frozenset(pair))
        if row["undone"] is None:
            severity, said = "leak", f"joined by a person on {row['time']}: one patient"
        else:
            severity, said = "cannot tell", f"joined on {row['time']}, taken back {row['undone']}"
        found.leaks.append(Leak(NAME, severity, sides.of(pair[0]), sides.of(pair[1]), said))
    for one in match(cohort.store):
        pair = one.patient, one.into
        # the same UIDs and files are the check 'same source'
        if one.rule in _BY_SOURCE or frozenset(pair) in joined:
            continue
        if pair[0] in sides and pair[1] in sides:
            said = "; ".join((*one.evidence, *(f"against it: {text}" for text in one.against)))
            severity = "leak" if one.safe else "cannot tell"
            said = f"proposal {one.id} ({one.rule}): {said}"
            found.leaks.append(Leak(NAME, severity, sides.of(pair[0]), sides.of(pair[1]), said))
    return found
