"""Purge: rows deleted from a store's tables, and then their bytes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from explorer.layout import ALL_TABLES
from explorer.records import now
from explorer.table_lock import table_lock

if TYPE_CHECKING:
    from explorer.records import Records


def delete_rows(records: Records, table: str, where: str) -> int:
    """Delete rows; their bytes stay in old versions of the table until it is purged.

    Parameters
    ----------
    records : Records
    table : str
    where : str
        A Lance filter, built with `quote`. It is kept beside the table until the purge: name
        keys and commits in it, never what a source says.

    Returns
    -------
    int
        The number of rows.
    """
    with table_lock(records.place):
        column = ALL_TABLES[table].names[0]
        count = int(records.read(table, where, [column]).num_rows)
        if count:
            records.dataset(table).delete(where)
    return count


def purge(records: Records, table: str, older_than: timedelta = timedelta(0)) -> None:
    """Rewrite what deleted rows lie in, make the indices anew, and drop old versions.

    A reader that holds an old state of the table open fails; it has to open it again.

    Parameters
    ----------
    records : Records
    table : str
    older_than : datetime.timedelta
        Younger versions stay; by default none does.
    """
    with table_lock(records.place):
        data = records.dataset(table)
        for index in data.describe_indices():
            data.drop_index(index.name)
        data = records.dataset(table)
        data.optimize.compact_files(materialize_deletions=True, materialize_deletions_threshold=0.0)
        records.merge_fragments([table], at=1)
        # the newest version says how it was made, which may be a filter: let it be one that is not
        records.dataset(table).update_config({"oncograph.purged": now()})
        records.dataset(table).cleanup_old_versions(older_than=timedelta(0), delete_unverified=True)
