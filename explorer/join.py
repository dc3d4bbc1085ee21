"""Join: by a person's word, what one patient has goes into another one, and can be taken back."""

from __future__ import annotations

import json
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer import join_log
from explorer.commit import commit
from explorer.copy_item import copy_item
from explorer.edit import Edit, Row
from explorer.errors import ConflictError, StoreError
from explorer.free_id import NAMED, other_id
from explorer.layout import RECORDS, item_group
from explorer.lock import lock
from explorer.proposal import proposal_id
from explorer.records import now
from explorer.rename_items import note_names, rename_items
from explorer.upgrade import upgrade
from explorer.whole_edit import whole_edit

if TYPE_CHECKING:
    from explorer.store import Store

_TRIES = 30


@dataclass
class Join:
    """What a join did.

    Attributes
    ----------
    id : str
        Of the pair; ``oncograph match STORE --undo ID`` takes it back.
    patient, into : str
        Keys.
    reason : str
    rows : dict
        Table to the number of rows that went over.
    renamed : dict
        New id to the id before, of things whose id the other patient has for a thing of its own.
    version : int
        The new version of `into`.
    """

    id: str
    patient: str
    into: str
    reason: str
    rows: dict[str, int] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    version: int = 0


def join(store: Store, patient: str, into: str, reason: str) -> Join:
    """Put what one patient has into another one, because a person says that they are one.

    Everything is copied: rows with the identity that they came in as, arrays byte by byte,
    references as references. The joined patient keeps its own repository and history, and is
    listed no longer; what it was called leads to the other one. Both become visible in one step.

    Parameters
    ----------
    store : Store
    patient : str
        A key, or what people call the one who is joined.
    into : str
        The other one; where that one was joined itself, the patient that it went into.
    reason : str
        The person's; kept in the history of both.

    Returns
    -------
    Join

    Raises
    ------
    StoreError
        They are one already, the first was joined before, or there is no reason.
    NotFoundError
        There is no such patient.
    """
    upgrade(store)
    if not reason.strip():
        raise StoreError("A join has no reason", do="say why the two are one person")
    with lock(store.place, "joins"):
        join_log.tidy(store)
        into = store.identity.resolve(into)
        patient = _joinable(store, patient, into)
        join_log.begin(store, patient, into, reason, "{}")
        for attempt in range(_TRIES):
            try:
                done = _once(store, patient, into, reason)
            except ConflictError:
                if attempt == _TRIES - 1:
                    raise
                time.sleep(random.uniform(0.02, 0.2) * (attempt + 1))
            else:
                break
        detail = {"rows": done.rows, "renamed": done.renamed, "version": done.version}
        join_log.end(store, patient, time=now(), detail=json.dumps(detail))
    return done


def _joinable(store: Store, name: str, into: str) -> str:
    lead = store.records.hidden()
    if name in lead:
        raise StoreError(
            f"The patient {name} was joined into {lead[name]} before",
            do="take that join back first: oncograph match STORE --undo ID",
        )
    key = store.identity.resolve(name)
    if key == into:
        raise StoreError(
            "A patient cannot be joined with itself",
            where=f"patient {key}",
            do="name two patients; what was joined before leads to the same one",
        )
    return key


def _once(store: Store, patient: str, into: str, reason: str) -> Join:
    with ExitStack() as held:
        edits: dict[str, Edit] = {}
        for key in sorted((patient, into)):
            edits[key] = held.enter_context(whole_edit(store, key))
        source, target = edits[patient], edits[into]
        done = Join(proposal_id(patient, into), patient, into, reason)
        done.renamed = _renames(source, target)
        kept_ids = {old: new for new, old in done.renamed.items()}
        moved = _rows(source, kept_ids)
        _arrays(store, source, target, moved["items"], kept_ids)
        target.attributes.setdefault("label", None)
        for table, rows in moved.items():
            if rows:
                target.rows[table] += rows
                target.dirty.add(table)
                done.rows[table] = len(rows)
        target.settle_days()
        source.touched = True
        message = f"joined {patient} into {into}: {reason}"
        done.version = commit(store, [target, source], message, together=True)[into]
    return done


def _renames(source: Edit, target: Edit) -> dict[str, str]:
    found = {}
    for table in NAMED:
        taken = {row["item"] for row in target.rows[table]}
        for row in source.rows[table]:
            if row["item"] in taken:
                new = other_id(row["item"], row["came_as"] or source.key)
                found[new] = row["item"]
    return found


def _rows(source: Edit, names: dict[str, str]) -> dict[str, list[Row]]:
    """The rows of every table as the other patient will have them."""
    moved: dict[str, list[Row]] = {}
    if not source.rows["attributes"]:
        source.rows["attributes"] = [{"label": None}]  # it is what marks the join
    for table in RECORDS:
        moved[table] = [
            {**row, "came_as": row.get("came_as") or source.key} for row in source.rows[table]
        ]
    note_names(moved, names)
    rename_items(moved, names)
    return moved


def _arrays(
    store: Store, source: Edit, target: Edit, items: list[Row], names: dict[str, str]
) -> None:
    if source.base is None or source.base.snapshot is None:
        return
    root = store.arrays(source.key).read(source.base.snapshot)
    before = {new: old for old, new in names.items()}
    for row in items:
        item: str = row["item"]
        old = item_group(row["kind"], before.get(item, item))
        if old not in root:
            continue  # an item without arrays: its state says why
        new = item_group(row["kind"], item)
        if not copy_item(root, session_of(store, target), old, new):
            row["storage"] = "copied"


def session_of(store: Store, edit: Edit) -> Any:
    """The open array session of an edit whose lock is held."""
    if edit.session is None:
        edit.session = store.arrays(edit.key).write(edit.base.snapshot if edit.base else None)
        edit.changed_arrays = True
    return edit.session
