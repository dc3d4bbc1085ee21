"""ask: one SELECT over given tables, read-only, with nothing else in reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from explorer.errors import QueryError
from explorer.fork import refuse_fork
from explorer.query_columns import query_columns

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}

#: Gives a table, of which the named columns (lower case) are needed; None: all.
Reader = Callable[[set[str] | None], pa.Table]


def ask(
    query: str,
    tables: Mapping[str, Reader],
    where: str,
    parameters: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Answer one SELECT.

    Parameters
    ----------
    query : str
        DuckDB SQL.
    tables : mapping of str to callable
        Name to what reads it; those that the query does not name are not read.
    where : str
        What is asked, for the message.
    parameters : mapping, optional
        Values of ``$name`` in the query; no text of theirs is read as SQL.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    QueryError
        It is no SELECT, or DuckDB refuses it.
    """
    refuse_fork()
    # views of a cursor are its own, and end with it; making a database takes as long as a query
    with _nothing().cursor() as connection:
        try:
            statements = connection.extract_statements(query)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise QueryError("The query is not one SELECT", expected="select ... from items")
            # DuckDB's own list of a query's tables binds it, and fails at every JOIN ... USING
            columns = query_columns(connection, query)
            for name, read in tables.items():
                if re.search(rf"\b{name}\b", query, re.IGNORECASE):
                    connection.register(name, read(columns))
            if parameters is None:
                return connection.execute(query).df()
            return connection.execute(query, dict(parameters)).df()
        except duckdb.Error as error:
            raise QueryError(
                _told(error),
                expected=f"DuckDB's SQL over the tables {', '.join(tables)}; "
                "text stands in 'single quotes'",
                where=where,
            ) from error


@lru_cache(maxsize=1)
def _nothing() -> duckdb.DuckDBPyConnection:
    """A database of nothing, that reaches nothing and whose settings cannot be changed."""
    database = duckdb.connect(":memory:", config=_SETTINGS)
    database.execute("SET lock_configuration = true")
    return database


def _told(error: duckdb.Error) -> str:
    """DuckDB's message without the query, which it repeats; with the names that may be meant."""
    first, *more = str(error).splitlines()
    if more and more[0].startswith(("Candidate bindings:", "Did you mean")):
        return f"{first.rstrip('!.')}. {more[0].rstrip('.?')}"
    return first
