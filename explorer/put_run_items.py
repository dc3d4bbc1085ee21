"""What a run made besides derived rows: items, facts, texts, observations and vectors."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.put_run import earlier_runs
from explorer.run_draft import RunDraft

if TYPE_CHECKING:
    from explorer.transaction import Transaction

# These have no column that says which run is the current one: earlier ones go.
_REPLACED = ("facts", "vectors")


def put_run_items(t: Transaction, key: str, draft: RunDraft, run: str, earlier: set[str]) -> None:
    """Put a run's items and records in the place of its own and of its predecessors'.

    Older versions of the patient keep what goes here.

    Parameters
    ----------
    t : Transaction
    key : str
    draft : RunDraft
    run : str
        Its id.
    earlier : set of str
        Runs of the same producer on the same input, of other versions or settings.
    """
    for table in _REPLACED:
        rows = t.rows(key, table)
        kept = [row for row in rows if row.get("origin") not in earlier]
        if len(kept) < len(rows):
            t.replace_rows(key, table, kept)
    had = any(row.get("origin") == run for table in _TABLES for row in t.rows(key, table))
    if had or any(getattr(draft, table) for table in _TABLES):
        t.put_records(key, draft.records(key))
    for row in list(t.rows(key, "items")):
        if run_of(row.get("meta")) in {run, *earlier}:
            t.drop(key, row["item"])
    about = {
        "run": run, "producer": draft.producer, "version": draft.version,
        "settings": draft.settings, "input": draft.input, **draft.detail,
    }  # fmt: skip
    for item in draft.items:
        meta = {**item.meta, "derived": about}
        t.put(key, replace(item, meta=meta, synthetic=item.synthetic or draft.synthetic), copy=True)


_TABLES = (*_REPLACED, "observations", "texts")


def made_items(runs: list[dict[str, Any]], draft: RunDraft, run: str) -> bool:
    """Whether a run has more than derived rows, observations and texts, or one before it had."""
    if draft.items or draft.facts or draft.vectors or "made" in draft.detail:
        return True
    series = {run, *earlier_runs(runs, draft, run)}
    return any('"made"' in (row["detail"] or "") for row in runs if row["run"] in series)


def run_of(meta: str | None) -> str | None:
    """The run that made an item, by the item's `meta`; None of what a source gave."""
    if '"derived"' not in (meta or ""):
        return None
    about = json.loads(meta or "{}").get("derived")
    found = about.get("run") if isinstance(about, dict) else None
    return None if found is None else str(found)
