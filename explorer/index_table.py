"""The index of a Lance table by the columns in which a few of its rows are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.records import Records

INDEX_AT_ROWS = 20_000
# columns by which a few rows of a table are looked up
_LOOKED_UP = {"aliases": ("patient", "identifier")}


def index_table(records: Records, table: str) -> None:
    """Make or refresh the index of a table that is large enough to need one."""
    data = records.dataset(table)
    wanted = set(_LOOKED_UP.get(table, ("patient",))) & set(data.schema.names)
    if not wanted or data.count_rows() < INDEX_AT_ROWS:
        return
    there = {name for index in data.describe_indices() for name in index.field_names}
    if there:
        data.optimize.optimize_indices()
    for column in sorted(wanted - there):
        data.create_scalar_index(column, "BTREE")
