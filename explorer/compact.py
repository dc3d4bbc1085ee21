"""Compact: small fragments merged, and what nothing can reach swept up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from explorer.erase import finish_erasures
from explorer.errors import StoreError
from explorer.layout import ALL_TABLES, PATIENTS, RECORDS, table_path
from explorer.lock import LEASE_S, lock
from explorer.records import quote
from explorer.scratch import sweep_scratch

if TYPE_CHECKING:
    from explorer.store import Store

# A writer that is at work holds rows that no head names yet; it is given this long.
_GRACE_S = 3600.0


@dataclass
class Compaction:
    """What `compact` did.

    Attributes
    ----------
    tables_merged : int
    rows_swept : int
        Rows that no version of any patient names.
    repositories_swept : int
        Array repositories of patients that never became visible.
    bytes_freed : int
        In arrays.
    scratch_swept : int
        Left-over working folders of runs that were killed.
    erasures_ended : int
        Erasures that were begun and killed.
    """

    tables_merged: int = 0
    rows_swept: int = 0
    repositories_swept: int = 0
    bytes_freed: int = 0
    scratch_swept: int = 0
    erasures_ended: int = 0


def compact(store: Store, grace_s: float = _GRACE_S) -> Compaction:
    """Merge fragments and sweep orphans; every version in a patient's history stays.

    Parameters
    ----------
    store : Store
    grace_s : float
        Orphans younger than this stay, since they may belong to a writer at work.

    Returns
    -------
    Compaction
    """
    result = Compaction(erasures_ended=finish_erasures(store))
    limit = time.time() - grace_s
    # looked at first: what a writer adds after this cannot be taken for an old orphan
    commits = _commits(store)
    if not _writers_at_work(store, limit):
        result.rows_swept = _sweep_rows(store, commits)
    # on S3 the lock of a dead writer has to be waited for
    wait_s = 0.2 if store.place.local else LEASE_S + 5
    for folder in (store.place / PATIENTS).children():
        try:
            with lock(store.place, folder.name, wait_s):
                head = store.records.head(folder.name)
                if head is not None:
                    # a lock on S3 may have been taken from a writer that was only suspended
                    grace = 0.0 if store.place.local else grace_s
                    result.bytes_freed += store.arrays(folder.name).sweep(head.snapshot, grace)
                elif folder.newest() < limit:
                    result.bytes_freed += folder.size()
                    folder.delete_tree()
                    result.repositories_swept += 1
        except StoreError:
            continue  # a writer is at work there
    result.scratch_swept, _ = sweep_scratch(store)
    for table in filter(store.records.has, ALL_TABLES):
        result.tables_merged += len(store.records.merge_fragments([table], at=2))
        store.records.dataset(table).cleanup_old_versions(older_than=timedelta(seconds=grace_s))
    return result


def _writers_at_work(store: Store, limit: float) -> bool:
    """Whether rows may still be on their way: a table was written to within the grace."""
    newest = max(table_path(store.place, table).newest() for table in RECORDS)
    return newest >= limit


def _commits(store: Store) -> dict[str, set[str]]:
    """The commits that each table has rows of."""
    return {
        table: set(store.records.read(table, columns=["commit"])["commit"].unique().to_pylist())
        for table in (*RECORDS, "commits")
    }


def _sweep_rows(store: Store, commits: dict[str, set[str]]) -> int:
    """Delete rows of those commits that stand in no patient's history."""
    parents = {
        row["commit"]: row["parent"]
        for row in store.records.read("commits", columns=["commit", "parent"]).to_pylist()
    }
    alive: set[str] = set()
    for head in store.records.heads():
        commit: str | None = head.commit
        while commit is not None and commit not in alive:
            alive.add(commit)
            commit = parents.get(commit)
    swept = 0
    for table, found in commits.items():
        for commit in sorted(found - alive):
            where = f"commit = {quote(commit)}"
            swept += store.records.read(table, where, ["commit"]).num_rows
            store.records.dataset(table).delete(where)
    return swept
