"""The small fragments that commits leave in the Lance tables, merged before reads slow down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from explorer.index_table import index_table
from explorer.table_lock import table_lock

if TYPE_CHECKING:
    from explorer.records import Records

# Each commit leaves a fragment in every table it touches. Reads slow down with their number, so
# a writer merges them when it meets this many. At 96, 48, 32 and 16, side by side over 500 commits
# of a patient each, a commit took 162, 128, 132 and 123 ms, a query 2.0, 1.4, 1.2 and 0.9 times as
# long as in a store of one commit. What readers hold stays as long as it did (`_OLD`).
MERGE_AT = 32
# Nothing reads an older version of a table for longer; what stays makes every opening slower.
_OLD = timedelta(minutes=10)


def merge_fragments(records: Records, tables: Iterable[str], at: int = MERGE_AT) -> list[str]:
    """Merge the small fragments of tables that have gathered `at` or more.

    Parameters
    ----------
    records : Records
    tables : iterable of str
    at : int

    Returns
    -------
    list of str
        The tables that were merged; one that could not be stays readable.
    """
    merged = []
    for table in tables:
        if not records.has(table):
            continue  # of a store that was made before there was such a table
        data = records.dataset(table)
        if len(data.get_fragments()) < at:
            continue
        with table_lock(records.place):
            try:
                data = records.dataset(table)
                data.optimize.compact_files()
                index_table(records, table)
                records.dataset(table).cleanup_old_versions(older_than=_OLD)
            except (OSError, RuntimeError):
                continue  # what could not be merged stays readable; the next commit tries again
        merged.append(table)
    return merged
