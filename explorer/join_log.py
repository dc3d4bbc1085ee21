"""The log of joins: written before a join can be seen, and put right after a kill."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from explorer.proposal import proposal_id
from explorer.records import now, quote

if TYPE_CHECKING:
    from explorer.store import Store

Row = dict[str, Any]
_TRIES = 20
FILES = "~file"


def begin(store: Store, patient: str, into: str, reason: str, detail: str) -> None:
    """Write that a join is on its way; without this row nobody looks for one."""
    row = {"patient": patient, "into": into, "reason": reason, "detail": detail}
    store.records.append("joins", [{**row, "time": None, "undone": None}])


def end(store: Store, patient: str, **columns: str) -> None:
    """Set columns of the open row of a patient: time and detail, or undone."""
    _update(store, f"patient = {quote(patient)} AND undone IS NULL", columns)


def current(store: Store) -> list[Row]:
    """The joins that are in force, the oldest first, each with its ``id``."""
    lead = store.records.hidden()
    rows = store.records.read("joins", "undone IS NULL").to_pylist()
    found = [
        {**row, "id": proposal_id(row["patient"], row["into"])}
        for row in rows
        if row["patient"] in lead
    ]
    return sorted(found, key=lambda row: (row["time"] or "~", row["id"]))


def tidy(store: Store) -> None:
    """Put the log right after a kill; the caller holds the lock 'joins'.

    What the patients show decides: a join that never became visible leaves the log, one that did
    gets its time, and one that was taken back gets its end.
    """
    rows = store.records.read("joins", "undone IS NULL").to_pylist()
    if not rows:
        return
    lead = store.records.hidden()
    for row in rows:
        if row["patient"] == FILES:
            continue
        if row["patient"] in lead and row["time"] is None:
            end(store, row["patient"], time=now())
        elif row["patient"] not in lead and row["time"] is None:
            where = f"patient = {quote(row['patient'])} AND time IS NULL AND undone IS NULL"
            _retried(lambda where=where: store.records.dataset("joins").delete(where))
        elif row["patient"] not in lead:
            end(store, row["patient"], undone=now())


def _update(store: Store, where: str, columns: dict[str, str]) -> None:
    values = {name: quote(value) for name, value in columns.items()}
    _retried(lambda: store.records.dataset("joins").update(values, where=where))


def _retried(step: Any) -> None:
    for attempt in range(_TRIES):
        try:
            step()
        except (OSError, RuntimeError) as error:
            if "conflict" not in str(error).lower() or attempt == _TRIES - 1:
                raise
            time.sleep(0.01 * (attempt + 1))
        else:
            return
