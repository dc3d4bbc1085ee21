"""SQL over the visible rows: read-only, with nothing else in reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import QueryError
from explorer.layout import RECORDS, UNASSIGNED
from explorer.query_columns import query_columns

if TYPE_CHECKING:
    from explorer.store import Store

_TABLES = ("patients", *(table for table in RECORDS if table != "attributes"), "features")


def sql(store: Store, query: str) -> pd.DataFrame:
    """Answer one SELECT; see `Store.sql`.

    Parameters
    ----------
    store : Store
    query : str

    Returns
    -------
    pandas.DataFrame
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        try:
            statements = connection.extract_statements(query)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise QueryError("The query is not one SELECT", expected="select ... from items")
            # DuckDB's own list of a query's tables binds it, and fails at every JOIN ... USING
            columns = query_columns(connection, query)
            for name in _TABLES:
                if re.search(rf"\b{name}\b", query, re.IGNORECASE):
                    connection.register(name, _visible(store, name, columns))
            connection.execute("SET lock_configuration = true")
            return connection.execute(query).df()
        except duckdb.Error as error:
            raise QueryError(
                str(error).splitlines()[0],
                expected=f"DuckDB's SQL over the tables {', '.join(_TABLES)}",
                where=str(store.place),
            ) from error


def _visible(store: Store, table: str, columns: set[str] | None) -> pa.Table:
    if table == "features":
        return store.records.read(table)
    if table == "patients":
        attributes = store.records.visible("attributes", without=UNASSIGNED)
        attributes = attributes.filter(pc.is_null(attributes["came_as"])).drop_columns(["came_as"])
        heads = store.records.read("patients", columns=["patient", "version", "updated"])
        return attributes.drop_columns(["commit"]).join(heads, "patient", join_type="inner")
    names = [name for name in RECORDS[table].names if name != "commit"]
    if columns is not None:
        names = [name for name in names if name == "patient" or name in columns]
    return store.records.visible(table, names, without=None if table == "files" else UNASSIGNED)
