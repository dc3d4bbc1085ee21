"""Expire: older versions of patients let go, those that something holds kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from explorer.errors import StoreError
from explorer.held_outside import any_of
from explorer.layout import COMMITS, RECORDS
from explorer.lock import lock
from explorer.purge import delete_rows
from explorer.records import Head, quote
from explorer.table_lock import table_lock

if TYPE_CHECKING:
    from explorer.store import Store

_WAIT_S = 1.0


@dataclass
class Expiry:
    """What `expire` let go.

    Attributes
    ----------
    versions, rows, bytes : int
        Bytes are those of arrays.
    tables : set of str
        Tables that lost rows.
    busy : int
        Patients who were written to, and were left as they are.
    """

    versions: int = 0
    rows: int = 0
    bytes: int = 0
    tables: set[str] = field(default_factory=set)
    busy: int = 0


def expire(store: Store, before: datetime, *, dry_run: bool = False) -> Expiry:
    """Let go of versions that were made before a date.

    What stays: the present version of each patient, versions that a frozen cohort or a file that
    was handed over holds (the table `pins`), and versions made since. A kill leaves a shorter
    history, or rows and arrays that no version reaches: the next run sweeps them.

    Parameters
    ----------
    store : Store
    before : datetime.datetime
        With its time zone.
    dry_run : bool
        Change nothing, and count.

    Returns
    -------
    Expiry
        Of a dry run without the bytes, which are known afterwards.
    """
    result = Expiry()
    pinned = _pinned(store)
    for head in store.records.heads():
        if not _old(store, head.patient, before, pinned)[1]:
            continue
        try:
            with lock(store.place, head.patient, _WAIT_S), table_lock(store.place):
                # who freezes meanwhile pins with the tables held, and looks afterwards
                kept, old = _old(store, head.patient, before, _pinned(store, head.patient))
                _forget(store, head.patient, kept, old, result, dry_run=dry_run)
                if not dry_run:
                    snapshots = {one.snapshot for one in kept} - {None}
                    result.bytes += store.arrays(head.patient).keep_only(
                        kept[0].snapshot, {str(one) for one in snapshots}
                    )
        except StoreError:
            result.busy += 1
    return result


def _pinned(store: Store, key: str | None = None) -> set[tuple[Any, Any]]:
    where = None if key is None else f"patient = {quote(key)}"
    pins = store.records.read("pins", where, ["patient", "version"]).to_pylist()
    return {(pin["patient"], pin["version"]) for pin in pins}


def _old(
    store: Store, key: str, before: datetime, pinned: set[tuple[Any, Any]]
) -> tuple[list[Head], list[Head]]:
    """A patient's versions, newest first: those that stay, and those that go."""
    history = [head for head, _ in store.records.history(key)]
    stays = {
        head.version
        for number, head in enumerate(history)
        if number == 0
        or datetime.fromisoformat(head.updated) >= before
        or (key, head.version) in pinned
    }
    return (
        [head for head in history if head.version in stays],
        [head for head in history if head.version not in stays],
    )


def _forget(
    store: Store, key: str, kept: list[Head], old: list[Head], result: Expiry, *, dry_run: bool
) -> None:
    result.versions += len(old)
    used = {(table, commit) for head in kept for table, commit in head.at.items()}
    gone: dict[str, set[str]] = {}
    for head in old:
        for table, commit in head.at.items():
            if commit is not None and (table, commit) not in used:
                gone.setdefault(table, set()).add(commit)
    if not dry_run and old:
        _close_gaps(store, key, kept)
        delete_rows(store.records, "commits", any_of("commit", [head.commit for head in old]))
        result.tables.add("commits")
    for table in RECORDS:
        if table in gone:
            where = f"patient = {quote(key)} AND {any_of('commit', sorted(gone[table]))}"
            if dry_run:
                result.rows += store.records.read(table, where, ["commit"]).num_rows
            else:
                result.rows += delete_rows(store.records, table, where)
                result.tables.add(table)


def _close_gaps(store: Store, key: str, kept: list[Head]) -> None:
    """Let each version that stays follow on the next older one that stays."""
    rows = store.records.read("commits", f"patient = {quote(key)}").to_pylist()
    by_commit = {row["commit"]: row for row in rows}
    older = [*(head.commit for head in kept[1:]), None]
    changed = [
        {**by_commit[head.commit], "parent": parent}
        for head, parent in zip(kept, older, strict=True)
        if by_commit[head.commit]["parent"] != parent
    ]
    if changed:
        data = pa.Table.from_pylist(changed, schema=COMMITS)
        step = store.records.dataset("commits").merge_insert("commit")
        step.when_matched_update_all().execute(data)
