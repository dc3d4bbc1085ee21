"""What people have said of groundings, in order of time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from explorer.derived import text_sha256
from graphs.grounding.grounding import Grounding

if TYPE_CHECKING:
    from explorer.patient import Patient

Row = dict[str, Any]


def review_rows(patient: Patient, *, every: bool = False) -> list[Row]:
    """Rows of ``groundings`` that a person wrote, the oldest first.

    Parameters
    ----------
    patient : Patient
    every : bool
        Also those that a later review of the same place has replaced, and those of a report that
        reads otherwise by now.

    Returns
    -------
    list of dict
        With ``number``, the review's place in the history, ``reviewer`` and ``reviewed``.
    """
    runs = {row["run"]: row for row in patient.rows("runs") if row["kind"] == "review"}
    if not runs:
        return []
    texts = {row["item"]: text_sha256(row["text"] or "") for row in patient.rows("texts")}
    found = []
    for row in patient.rows("groundings"):
        run = runs.get(row["run"])
        if run is None:
            continue
        about = json.loads(run["detail"] or "{}")
        same = about.get("report") is None or texts.get(about["report"]) == about.get("sha256")
        if every or (row["current"] and same):
            number = json.loads(run["settings"] or "{}").get("number", 0)
            found.append({**row, "number": number})
    return sorted(found, key=lambda row: row["number"])


def reviews(patient: Patient) -> dict[str, list[Grounding]]:
    """Reviews in force, by finding; of each place the newest, the oldest place first.

    Parameters
    ----------
    patient : Patient

    Returns
    -------
    dict of str to list of Grounding
        With status 'accepted' or 'rejected'. Of several accepted places the last one counts.
    """
    found: dict[str, list[Grounding]] = {}
    for row in review_rows(patient):
        one = Grounding.of_row(row)
        earlier = found.setdefault(one.finding, [])
        if one.status == "accepted":  # one place at a time: the earlier ones are superseded
            earlier[:] = [other for other in earlier if other.status != "accepted"]
        earlier.append(one)
    return found
