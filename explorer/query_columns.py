"""Which columns a query can touch, so that no others are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

# Parts of a query whose columns are not named: all of a table's, or those that two have in common.
_UNNAMED = {"STAR", "COLUMNS", "PIVOT"}


def query_columns(connection: duckdb.DuckDBPyConnection, query: str) -> set[str] | None:
    """Find the names that a query mentions as columns, in lower case.

    A superset: a name may also be an alias. DuckDB's own parser is asked, not a pattern.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    query : str
        One SELECT.

    Returns
    -------
    set of str or None
        None where every column may be needed: ``select *``, a natural join, a whole row.
    """
    found = connection.execute("select json_serialize_sql(?::varchar)", [query]).fetchall()
    tree = json.loads(found[0][0])
    if tree.get("error"):
        return None
    nodes = list(_nodes(tree["statements"]))
    names: set[str] = set()
    alone: set[str] = set()
    rows: set[str] = set()
    for node in nodes:
        if _unnamed(node):
            return None
        parts = [str(part).lower() for part in node.get("column_names", ())]
        names.update(parts, (str(part).lower() for part in node.get("using_columns", ())))
        alone.update(parts if len(parts) == 1 else ())
        if "table_name" in node or node.get("type") in ("SUBQUERY", "TABLE_FUNCTION"):
            rows.update(str(node[key]).lower() for key in ("table_name", "alias") if node.get(key))
    # `select i from items i` is the whole row
    return None if alone & rows else names


def _unnamed(node: dict[str, Any]) -> bool:
    """Whether columns may be meant here that are not named."""
    return (
        node.get("class") in _UNNAMED
        or node.get("type") in (*_UNNAMED, "SHOW_REF")
        or node.get("ref_type") == "NATURAL"
        or str(node.get("function_name", "")).lower() in ("query", "query_table")
    )


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
