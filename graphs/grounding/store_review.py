"""Write a person's word on a grounding into the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.derived import derived, text_sha256
from explorer.records import now
from explorer.run_draft import RunDraft
from graphs.errors import GroundingError
from graphs.grounding.grounding import Grounding
from graphs.grounding.reviews import review_rows

if TYPE_CHECKING:
    from explorer.patient import Patient

PERSON = "person"


def store_review(patient: Patient, said: Grounding, reviewer: str) -> Grounding:
    """Commit a run of kind 'review'; what was said of the same place before is kept as history.

    Parameters
    ----------
    patient : Patient
        At its newest version.
    said : Grounding
        'accepted' or 'rejected'.
    reviewer : str

    Returns
    -------
    Grounding
        `said`.

    Raises
    ------
    GroundingError
        Nobody is named.
    """
    if not reviewer.strip():
        raise GroundingError("Nobody is named", expected="the reviewer's name")
    row = next((r for r in derived(patient, "findings") if r["finding"] == said.finding), None)
    report = patient.reports.get(row["item"]) if row else None
    number = max((one["number"] for one in review_rows(patient, every=True)), default=0) + 1
    draft = RunDraft(
        "review", PERSON, reviewer, input=f"groundings/{said.id}", settings={"number": number},
        groundings=[{**said.row(), "reviewer": reviewer, "reviewed": now()}],
    )  # fmt: skip
    if report is not None:  # a word on a text that reads otherwise by now does not count
        draft.detail = {"report": report.id, "sha256": text_sha256(report.text)}
    with patient.store.transaction(f"grounding {said.id} {said.status}") as t:
        t.put_run(patient.key, draft)
    return said
