"""A person's word on a grounding: accepted or rejected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from explorer.derived import derived
from explorer.errors import NotFoundError
from graphs.errors import GroundingError
from graphs.grounding.grounding import Grounding
from graphs.grounding.store_review import store_review

if TYPE_CHECKING:
    from explorer.patient import Patient


def review(
    patient: Patient,
    grounding: str,
    status: Literal["accepted", "rejected"],
    reviewer: str,
    reason: str = "",
) -> Grounding:
    """Store that a person accepts or rejects a grounding.

    It outlives every later run of the grounder: an accepted place is the answer, a rejected one
    is not proposed again. The history stays; the last word on a place counts.

    Parameters
    ----------
    patient : Patient
        Its newest version is written to.
    grounding : str
        The grounding's id.
    status : {'accepted', 'rejected'}
    reviewer : str
        Who; shown with the grounding.
    reason : str
        Why; hostile text.

    Returns
    -------
    Grounding

    Raises
    ------
    NotFoundError
        There is no such grounding.
    GroundingError
        It has no place that could be accepted or rejected, or `status` or `reviewer` is wrong.
    """
    if status not in ("accepted", "rejected"):
        raise GroundingError(f"The status {status!r}", expected="'accepted' or 'rejected'")
    there = patient.store[patient.key]
    rows = [row for row in derived(there, "groundings") if row["grounding"] == grounding]
    if not rows:
        raise NotFoundError(f"No grounding {grounding!r}", where=f"patient {patient.label}")
    found = Grounding.of_row(rows[-1])
    if found.target is None:
        raise GroundingError(
            "An abstention has no place to accept or reject", do="give one: graphs.grounding.draw"
        )
    return store_review(there, replace(found, status=status, reason=reason), reviewer)
