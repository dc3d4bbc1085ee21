"""The commit of a transaction: arrays, rows, and then one compare-and-set a patient."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from explorer.edit import Edit, Row
from explorer.errors import ConflictError
from explorer.layout import RECORDS
from explorer.lock import lock
from explorer.move_together import move_together
from explorer.records import Head, Records, now, quote

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
    for table, added in rows.items():
        store.records.append(table, added)
    store.records.append("commits", commits)
    for edit in edits:
        edit.still_held()
    if together:
        moved = {head.patient for head in heads} if move_together(store.records, heads) else set()
    else:
        moved = _move(store, heads)
    lost = {head.patient for head in heads} - moved
    if lost:
        raise ConflictError(
            f"{len(lost)} patients were changed by another writer in the meantime",
            where=", ".join(sorted(lost)[:5]),
            do="try again: nothing of this change is visible for them",
        )
    return {head.patient: head.version for head in heads}


def _next_head(edit: Edit, message: str) -> Head:
    snapshot = edit.base.snapshot if edit.base else None
    if edit.changed_arrays:
        snapshot = str(edit.session.commit(message))
    name = uuid.uuid4().hex
    at: dict[str, str | None] = dict(edit.base.at) if edit.base else dict.fromkeys(RECORDS)
    at |= dict.fromkeys(edit.dirty, name)
    version = edit.base.version + 1 if edit.base else 1
    return Head(edit.key, version, name, snapshot, now(), at)


def _move(store: Store, heads: list[Head]) -> set[str]:
    first = [head.patient for head in heads if head.version == 1]
    if not first:
        return store.records.move(heads)
    # an insert has no version to compare with, so the first ones take turns; on S3 the table's
    # key does that (`Records.insert_new`)
    with lock(store.place, "heads") if store.place.local else nullcontext():
        taken = _present(store.records, first)
        free = [head for head in heads if head.version > 1 or head.patient not in taken]
        return store.records.move(free) if free else set()


def _present(records: Records, keys: list[str]) -> set[str]:
    where = None
    if len(keys) <= _ONE_BY_ONE:
        where = f"patient IN ({', '.join(quote(key) for key in keys)})"
    return set(keys) & set(records.read("patients", where, ["patient"])["patient"].to_pylist())
