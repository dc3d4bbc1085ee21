"""Unjoin: a join is taken back, and everybody has again what came in as theirs."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explorer import join_log
from explorer.commit import commit
from explorer.copy_item import copy_item, same_item
from explorer.edit import Edit, Row
from explorer.errors import ConflictError, NotFoundError
from explorer.join import session_of
from explorer.joined import joined_into
from explorer.layout import RECORDS, item_group
from explorer.lock import lock
from explorer.records import now
from explorer.rename_items import first_names, rename_items
from explorer.whole_edit import whole_edit
from explorer.write_item import delete_item

if TYPE_CHECKING:
    from explorer.store import Store

_TRIES = 30


@dataclass
class Unjoin:
    """What taking a join back did.

    Attributes
    ----------
    patient : str
        Visible again.
    out_of : str
        The patient that it was part of.
    rows : dict
        Table to the number of rows that went back, those that came in after the join included.
    version : int
        The new version of `patient`.
    """

    patient: str
    out_of: str
    rows: dict[str, int] = field(default_factory=dict)
    version: int = 0


def unjoin(store: Store, patient: str, reason: str) -> Unjoin:
    """Take a join back.

    What came in as the joined patient goes back, also what came in under its identifiers after
    the join; and with it whoever had been joined into that one before. What a person added to the
    other patient directly stays there.

    Parameters
    ----------
    store : Store
    patient : str
        Key of the patient who was joined, what people called that one, or the id of the join.
    reason : str
        The person's; kept in the history of both.

    Returns
    -------
    Unjoin

    Raises
    ------
    NotFoundError
        There is no such join.
    """
    with lock(store.place, "joins"):
        join_log.tidy(store)
        key = _joined(store, patient)
        for attempt in range(_TRIES):
            try:
                done = _once(store, key, reason)
            except ConflictError:
                if attempt == _TRIES - 1:
                    raise
                time.sleep(random.uniform(0.02, 0.2) * (attempt + 1))
            else:
                break
        join_log.end(store, key, undone=now())
    return done


def _joined(store: Store, name: str) -> str:
    lead = store.records.hidden()
    if name in lead:
        return name
    found = {row["patient"] for row in join_log.current(store) if row["id"] == name}
    found = found or store.identity.called(name) & set(lead)
    if len(found) == 1:
        return found.pop()
    raise NotFoundError(
        f"{len(found) or 'No'} joins of {name!r}",
        expected="the id of one join, or the key of the patient who was joined",
        where=store.url,
        do="list them: oncograph match STORE --joined",
    )


def _once(store: Store, key: str, reason: str) -> Unjoin:
    lead = store.records.hidden()
    root = lead[key]
    leaving = {key, *joined_into(store, key)}
    # those in between hold the leaving ones in their own hidden rows, too
    between = [k for k in lead if k != key and lead[k] == root and key in joined_into(store, k)]
    done = Unjoin(key, root)
    with ExitStack() as held:
        edits: dict[str, Edit] = {}
        for one in sorted((root, key, *between)):
            edits[one] = held.enter_context(whole_edit(store, one))
        whole, back = edits[root], edits[key]
        before = list(back.rows["items"])
        names = _split(whole, back, leaving, done)
        _arrays(store, whole, back, names)
        for item in {row["item"] for row in before} - {row["item"] for row in back.rows["items"]}:
            delete_item(session_of(store, back), item)
        for one in between:
            rows = edits[one].rows["attributes"]
            edits[one].rows["attributes"] = [r for r in rows if r["came_as"] not in leaving]
            edits[one].dirty.add("attributes")
        whole.settle_days()
        back.settle_days()
        message = f"took {key} out of {root}: {reason}"
        versions = commit(store, list(edits.values()), message, together=True)
        done.version = versions[key]
    return done


def _split(whole: Edit, back: Edit, leaving: set[str], done: Unjoin) -> dict[str, str]:
    """Give the rows back; returns the ids that things get again, by the id in the whole."""
    for table in RECORDS:
        rows = whole.rows[table]
        going = [row for row in rows if row["came_as"] in leaving]
        if not going and not back.rows[table]:
            continue
        whole.rows[table] = [row for row in rows if row["came_as"] not in leaving]
        theirs: list[Row] = [
            {**row, "came_as": None if row["came_as"] == back.key else row["came_as"]}
            for row in going
        ]
        back.rows[table] = sorted(theirs, key=lambda row: row["came_as"] is not None)
        back.dirty.add(table)
        if going:
            whole.dirty.add(table)
            done.rows[table] = len(going)
    names = first_names(back.rows, None)
    rename_items(back.rows, names)
    return names


def _arrays(store: Store, whole: Edit, back: Edit, names: dict[str, str]) -> None:
    """Bring over what the patient's own repository does not have, or has otherwise."""
    if whole.base is None or whole.base.snapshot is None:
        return
    root = store.arrays(whole.key).read(whole.base.snapshot)
    own = None
    if back.base is not None and back.base.snapshot is not None:
        own = store.arrays(back.key).read(back.base.snapshot)
    in_whole = {new: old for old, new in names.items()}
    for row in back.rows["items"]:
        item: str = row["item"]
        there = in_whole.get(item, item)
        old, new = item_group(row["kind"], there), item_group(row["kind"], item)
        if old not in root:
            continue
        delete_item(session_of(store, whole), there)
        kept = own is not None and same_item(root, old, own, new)
        if not kept and not copy_item(root, session_of(store, back), old, new):
            row["storage"] = "copied"
