"""The groundings of a patient, with what people have said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from explorer.derived import derived
from explorer.shown_list import ShownList
from graphs.grounding.grounding import Grounding
from graphs.grounding.reviews import review_rows

if TYPE_CHECKING:
    from explorer.patient import Patient

_HEAD = ("finding", "status", "method", "region", "target", "score", "reason", "reviewer")


def groundings(patient: Patient) -> ShownList[Grounding]:
    """Where the findings of a patient lie: the newest run of the grounder, reviews applied.

    A finding that a person has placed has that place alone; a place that was rejected stands
    there as rejected.

    Parameters
    ----------
    patient : Patient

    Returns
    -------
    ShownList of Grounding
        In the order of the findings; ``detail['reviewer']`` and ``detail['reviewed']`` say who
        and when.
    """
    order = {row["finding"]: k for k, row in enumerate(derived(patient, "findings"))}
    reviewed = [_reviewed(row) for row in review_rows(patient)]
    said = {one.id: one for one in reviewed}
    # of several places that were accepted for one finding the last one counts
    accepted = {one.finding: one for one in reviewed if one.status == "accepted"}
    runs = {row["run"] for row in derived(patient, "runs") if row["kind"] != "review"}
    found: dict[str, Grounding] = {}
    for row in derived(patient, "groundings"):
        if row["run"] in runs:
            one = Grounding.of_row(row)
            found[one.id] = said.get(one.id, one)
    for one in reviewed:
        found[one.id] = one
    kept = [
        one
        for one in found.values()
        if one.status == "rejected" or one == accepted.get(one.finding, one)
    ]
    kept.sort(key=lambda one: (order.get(one.finding, len(order)), one.status, one.id))
    said_in = {row["finding"]: _words(row) for row in derived(patient, "findings")}
    return ShownList(kept, _HEAD, lambda one: _cells(one, said_in), "groundings")


def _reviewed(row: dict[str, Any]) -> Grounding:
    one = Grounding.of_row(row)
    by = {"reviewer": row["reviewer"], "reviewed": row["reviewed"]}
    return replace(one, detail={**one.detail, **by})


def _words(row: dict[str, Any]) -> str:
    return f"{row['text']} ({row['section']})" if row["section"] else str(row["text"])


def _cells(one: Grounding, said_in: dict[str, str]) -> list[Any]:
    score = None if one.score is None else f"{one.score:.2f}"
    who = one.detail.get("reviewer")
    where = None if one.target is None else unquote(one.target)
    finding = said_in.get(one.finding, one.finding)
    return [finding, one.status, one.method, one.region, where, score, one.reason, who]
