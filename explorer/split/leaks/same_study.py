"""The check 'same study': one examination under two patients, perhaps reconstructed twice."""

from __future__ import annotations

from explorer.patient_set import PatientSet
from explorer.split.leak import Checked, LeakSettings, Sides
from explorer.split.leaks.same_source import told_uids
from explorer.split.leaks.shared_values import Holder, shared_values

NAME = "same study"


def same_study(cohort: PatientSet, settings: LeakSettings) -> Checked:
    """Find studies and frames of reference that two patients have.

    Two reconstructions of one scan are two series of one study in one frame of reference (DICOM
    PS3.3 C.7.4.1). Of one patient they stay together by themselves; under two keys they leak.

    Parameters
    ----------
    cohort : PatientSet
    settings : LeakSettings

    Returns
    -------
    Checked
    """
    sides = Sides(cohort)
    columns = ["item", "kind", "study_uid", "frame_of_reference"]
    items = cohort.rows("items", columns).to_pylist()
    told = [holder for _, holder in told_uids(cohort, {"studyinstanceuid": "StudyInstanceUID"})]
    found = Checked(NAME, "items", len(items))
    for what, column, more in (
        ("StudyInstanceUID", "study_uid", told),
        ("FrameOfReferenceUID", "frame_of_reference", []),
    ):
        mine = [Holder(r[column], r["patient"], f"{r['kind']}s", r["item"])
                for r in items if r[column]]  # fmt: skip
        found.leaks += shared_values([*mine, *more], sides, NAME, what)
    return found
