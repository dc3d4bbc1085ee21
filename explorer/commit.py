"""The commit of a transaction: arrays, rows, and then one compare-and-set a patient."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.edit import Edit, Row
from explorer.erasing import being_erased
from explorer.errors import ConflictError
from explorer.layout import RECORDS, UNASSIGNED
from explorer.move_together import move_together
from explorer.records import Head, Records, now, quote
from explorer.table_lock import table_lock

if TYPE_CHECKING:
    from explorer.store import Store

_ONE_BY_ONE = 32


def commit(
    store: Store, edits: Sequence[Edit], message: str, *, together: bool = False
) -> dict[str, int]:
    """Write what the edits changed, and make it visible.

    Nothing is visible before the heads move; a kill before that leaves rows that no head names.

    Parameters
    ----------
    store : Store
    edits : sequence of Edit
    message : str
    together : bool
        All of the patients move, or none; none of them may be a first version.

    Returns
    -------
    dict
        Key to new version; patients without a change are left out.

    Raises
    ------
    ConflictError
        Another writer has moved a patient; the others of the transaction are visible.
    """
    rows: dict[str, list[Row]] = {table: [] for table in RECORDS}
    heads: list[Head] = []
    commits: list[Row] = []
    for edit in edits:
        # what was written and taken out again in the same session is no change
        edit.changed_arrays &= edit.session is not None and edit.session.has_uncommitted_changes
        if not edit.dirty and not edit.changed_arrays and not edit.touched:
            continue
        head = _next_head(edit, message)
        for table in edit.dirty:
            rows[table] += [
                {**row, "patient": edit.key, "commit": head.commit} for row in edit.rows[table]
            ]
        parent = edit.base.commit if edit.base else None
        commits.append({**head.row("time"), "parent": parent, "message": message})
        heads.append(head)
    if not heads:
        return {}
    with table_lock(store.place):
        ready = _unmoved(store, heads, {row["commit"]: row["parent"] for row in commits})
        if together and len(ready) < len(heads):
            ready = []
        names = {head.commit for head in ready}
        for table, added in rows.items():
            store.records.append(table, [row for row in added if row["commit"] in names])
        store.records.append("commits", [row for row in commits if row["commit"] in names])
        for edit in edits:
            edit.still_held()
        moved = _move(store, ready, together=together) if ready else set()
    lost = {head.patient for head in heads} - moved
    if lost:
        raise ConflictError(
            f"{len(lost)} patients were changed or erased by another writer in the meantime",
            where=", ".join(sorted(lost)[:5]),
            do="try again: nothing of this change is visible for them",
        )
    return {head.patient: head.version for head in heads}


def _unmoved(store: Store, heads: list[Head], parents: Row) -> list[Head]:
    """The heads whose patients still are as the edits found them; the tables are held."""
    keys = [head.patient for head in heads]
    there = _read(store.records, "patients", "commit", keys)
    first = [head.patient for head in heads if head.version == 1]
    reserved = set(_read(store.records, "aliases", "time", first)) if first else set()
    return [
        head
        for head in heads
        if there.get(head.patient) == parents[head.commit]
        # a key that nobody calls by a name any more is that of a patient who was erased
        and (head.version > 1 or head.patient in reserved or head.patient == UNASSIGNED)
        and not being_erased(store, head.patient)
    ]


def _read(records: Records, table: str, column: str, keys: list[str]) -> dict[str, str]:
    where = None
    if len(keys) <= _ONE_BY_ONE:
        where = f"patient IN ({', '.join(quote(key) for key in keys)})"
    found = records.read(table, where, ["patient", column])
    return dict(zip(found["patient"].to_pylist(), found[column].to_pylist(), strict=True))


def _move(store: Store, heads: list[Head], *, together: bool) -> set[str]:
    if not together:
        return store.records.move(heads)
    return {head.patient for head in heads} if move_together(store.records, heads) else set()


def _next_head(edit: Edit, message: str) -> Head:
    snapshot = edit.base.snapshot if edit.base else None
    if edit.changed_arrays:
        snapshot = str(edit.session.commit(message))
    name = uuid.uuid4().hex
    at: dict[str, str | None] = dict(edit.base.at) if edit.base else dict.fromkeys(RECORDS)
    at |= dict.fromkeys(edit.dirty, name)
    version = edit.base.version + 1 if edit.base else 1
    return Head(edit.key, version, name, snapshot, now(), at)
