"""Put the rows of a run among those of a patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from explorer.edit import check_fields
from explorer.layout import DERIVED_TABLES, ROW_NAMES
from explorer.run_draft import RunDraft

if TYPE_CHECKING:
    from explorer.edit import Edit

Row = dict[str, Any]
_UNSAID = frozenset({*ROW_NAMES, "time", "current"})


def put_run(edit: Edit, draft: RunDraft, table: Callable[[str], list[Row]], time: str) -> str:
    """Replace what the run said before, and let it be the current one of its kind.

    Parameters
    ----------
    edit : Edit
    draft : RunDraft
    table : callable
        Loads a table of the edit.
    time : str
        ISO 8601.

    Returns
    -------
    str
        The run's id.

    Raises
    ------
    StoreError
        A row has fields that its table does not have.
    """
    run = draft.run(edit.key)
    fresh = {name: draft.rows(name, edit.key, time) for name in DERIVED_TABLES}
    for name, rows in fresh.items():
        for row in rows:
            check_fields(name, row)
    before = earlier_runs(table("runs"), draft, run)
    for name in DERIVED_TABLES:
        rows = table(name)
        kept = [row for row in rows if row["run"] != run]
        old = [row for row in rows if row["run"] == run]
        aged = [_aged(row, before) for row in kept]
        if aged != kept or _said(old) != _said(fresh[name]) or not all(r["current"] for r in old):
            edit.rows[name] = aged + fresh[name]
            edit.dirty.add(name)
    return run


def earlier_runs(runs: list[Row], draft: RunDraft, run: str) -> set[str]:
    """Find the runs of the same kind, producer and input, of other versions or settings."""
    wanted = (draft.kind, draft.producer, draft.input)
    return {
        row["run"]
        for row in runs
        if (row["kind"], row["producer"], row["input"]) == wanted and row["run"] != run
    }


def _aged(row: Row, before: set[str]) -> Row:
    return {**row, "current": False} if row["run"] in before and row["current"] else row


def _said(rows: list[Row]) -> list[str]:
    return sorted(repr(sorted(_plain(row).items())) for row in rows)


def _plain(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if value is not None and name not in _UNSAID}
