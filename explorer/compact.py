"""Compact: small fragments merged, and what nothing can reach swept up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from explorer.erase import finish_erasures
from explorer.errors import StoreError
from explorer.expire import Expiry, expire
from explorer.freeze.frozen_rows import release
from explorer.freeze.frozen_rows import sweep as sweep_cohorts
from explorer.layout import ALL_TABLES, PATIENTS, RECORDS, TABLES, table_path
from explorer.lock import LEASE_S, lock
from explorer.purge import purge
from explorer.records import Head, quote
from explorer.scratch import sweep_scratch
from explorer.table_lock import table_lock
from explorer.training.sweep_training import sweep_training

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
        In arrays, tables and working folders.
    scratch_swept : int
        Left-over working folders of runs that were killed.
    erasures_ended : int
        Erasures that were begun and killed.
    versions_expired, rows_expired : int
        Older versions that were let go, and the rows that only they named.
    busy : int
        Patients who were written to, and were left as they are.
    dry_run : bool
        Nothing was done: this is what would be.
    """

    tables_merged: int = 0
    rows_swept: int = 0
    repositories_swept: int = 0
    bytes_freed: int = 0
    scratch_swept: int = 0
    erasures_ended: int = 0
    versions_expired: int = 0
    rows_expired: int = 0
    busy: int = 0
    dry_run: bool = False


def compact(
    store: Store,
    grace_s: float = _GRACE_S,
    *,
    expire_before: str | None = None,
    dry_run: bool = False,
) -> Compaction:
    """Merge fragments and sweep orphans; every version in a patient's history stays.

    Writers at work are not disturbed: what is swept is looked for while the tables are held, and
    a patient whose lock is taken is left for another time.

    Parameters
    ----------
    store : Store
    grace_s : float
        Orphans younger than this stay, since they may belong to a writer at work.
    expire_before : str, optional
        ISO date: versions that were made before it go, but for the present ones and those that
        are pinned (frozen cohorts, packs).
    dry_run : bool
        Change nothing, and say what would be done. Erasures that were begun are ended even so.

    Returns
    -------
    Compaction

    Raises
    ------
    StoreError
        `expire_before` is no date.
    """
    result = Compaction(erasures_ended=finish_erasures(store), dry_run=dry_run)
    limit = time.time() - grace_s
    tables = store.place / TABLES
    before = tables.size()
    with table_lock(store.place):
        result.rows_swept = sweep_cohorts(store, limit, dry_run=dry_run)
    gone = (
        Expiry() if expire_before is None else expire(store, _date(expire_before), dry_run=dry_run)
    )
    result.versions_expired, result.rows_expired = gone.versions, gone.rows
    result.bytes_freed, result.busy = gone.bytes, gone.busy
    with table_lock(store.place):
        # looked at first: what a writer on S3 adds after this is not taken for an old orphan
        commits = _commits(store)
        if gone.tables or not _writers_at_work(store, limit):
            result.rows_swept += _sweep_rows(store, commits, dry_run=dry_run)
    _sweep_arrays(store, result, grace_s, limit)
    if dry_run:
        return result
    result.scratch_swept, _ = sweep_scratch(store)
    old = timedelta(seconds=grace_s)
    for table in filter(store.records.has, ALL_TABLES):
        if table in gone.tables:
            purge(store.records, table, older_than=old)
        with table_lock(store.place):
            result.tables_merged += len(store.records.merge_fragments([table], at=2))
            store.records.dataset(table).cleanup_old_versions(older_than=old)
    result.bytes_freed += max(0, before - tables.size())
    return result


def _date(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        raise StoreError(f"{text!r} is no date", expected="such as 2026-01-31") from None


def _sweep_arrays(store: Store, result: Compaction, grace_s: float, limit: float) -> None:
    # on S3 the lock of a dead writer has to be waited for
    wait_s = 0.2 if store.place.local else LEASE_S + 5
    # and a lock there may have been taken from a writer that was only suspended
    grace = 0.0 if store.place.local else grace_s
    for folder in (store.place / PATIENTS).children():
        try:
            with lock(store.place, folder.name, wait_s):
                head = store.records.head(folder.name)
                if head is not None:
                    arrays = store.arrays(folder.name)
                    if not result.dry_run:
                        release(store, folder.name)
                    result.bytes_freed += arrays.sweep(head.snapshot, grace, dry_run=result.dry_run)
                    result.bytes_freed += sweep_training(store, folder.name, dry_run=result.dry_run)
                elif folder.newest() < limit:
                    result.bytes_freed += folder.size()
                    result.repositories_swept += 1
                    if not result.dry_run:
                        folder.delete_tree()
        except StoreError:
            result.busy += 1


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


def _sweep_rows(store: Store, commits: dict[str, set[str]], *, dry_run: bool) -> int:
    """Delete rows of those commits that stand in no patient's history."""
    rows = {row["commit"]: row for row in store.records.read("commits").to_pylist()}
    alive: set[str] = set()
    for head in store.records.heads():
        alive |= {head.commit, *filter(None, head.at.values())}
        commit: str | None = head.commit
        seen: set[str] = set()
        while commit is not None and commit in rows and commit not in seen:
            seen.add(commit)
            # a version's rows may be of a commit whose own version was let go
            past = Head.from_row(rows[commit])
            alive |= {past.commit, *filter(None, past.at.values())}
            commit = rows[commit]["parent"]
    swept = 0
    for table, found in commits.items():
        for commit in sorted(found - alive):
            where = f"commit = {quote(commit)}"
            swept += store.records.read(table, where, ["commit"]).num_rows
            if not dry_run:
                store.records.dataset(table).delete(where)
    return swept
