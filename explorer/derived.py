"""Derived: what programs made of a patient, as far as it still holds."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from explorer.errors import NotFoundError
from explorer.layout import DERIVED_TABLES

if TYPE_CHECKING:
    from explorer.patient import Patient

_OF_REPORT = "reports/"


def derived(patient: Patient, table: str, *, every: bool = False) -> list[dict[str, Any]]:
    """Rows of a derived table.

    Parameters
    ----------
    patient : Patient
    table : {'runs', 'findings', 'groundings', 'nodes', 'edges', 'verdicts'}
    every : bool
        Also those of earlier versions of a producer, and of a report that reads otherwise by now.

    Returns
    -------
    list of dict
        Do not change them.

    Raises
    ------
    NotFoundError
        There is no such table.
    """
    if table not in DERIVED_TABLES:
        raise NotFoundError(f"No derived table {table!r}", expected=f"one of {DERIVED_TABLES}")
    rows = patient.rows(table)
    if every or not rows:
        return rows
    held = current_runs(patient)
    return [row for row in rows if row["current"] and row["run"] in held]


def current_runs(patient: Patient) -> set[str]:
    """Ids of the runs that are the newest of their kind and whose report still reads the same."""
    texts = {f"{_OF_REPORT}{row['item']}": row["text"] or "" for row in patient.rows("texts")}
    return {row["run"] for row in patient.rows("runs") if row["current"] and not _stale(row, texts)}


def _stale(run: dict[str, Any], texts: dict[str, str]) -> bool:
    said = run.get("input_sha256")
    if not said or not (run["input"] or "").startswith(_OF_REPORT):
        return False
    text = texts.get(run["input"])
    return text is None or text_sha256(text) != said


def text_sha256(text: str) -> str:
    """The hash by which a run remembers the report that it read."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
