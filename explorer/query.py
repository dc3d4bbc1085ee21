"""SQL over the visible rows: read-only, with nothing else in reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.ask import Reader, ask
from explorer.layout import RECORDS, UNASSIGNED

if TYPE_CHECKING:
    from explorer.select.basis import Basis
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
    more: dict[str, Reader] = {name: one.table for name, one in store.attached.items()}
    return _answer(_OfStore(store), query, None, more)


def sql_at(basis: Basis, query: str, parameters: Mapping[str, Any]) -> pd.DataFrame:
    """Answer one SELECT over patients at their versions, its parameters bound.

    Parameters
    ----------
    basis : Basis
    query : str
        With ``$name`` where a parameter stands.
    parameters : mapping

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    QueryError
        It is no SELECT, or DuckDB refuses it.
    """
    return _answer(_OfBasis(basis), query, parameters)


class _OfStore:
    """The visible rows."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def heads(self) -> pa.Table:
        return self.store.records.read("patients", columns=["patient", "version", "updated"])

    def rows(self, table: str, columns: Sequence[str]) -> pa.Table:
        without = None if table == "files" else UNASSIGNED
        return self.store.records.visible(table, list(columns), without=without)


class _OfBasis:
    """The rows of some patients at their versions."""

    def __init__(self, basis: Basis) -> None:
        self.store, self._basis = basis.store, basis

    def heads(self) -> pa.Table:
        return self._basis.heads.select(["patient", "version", "updated"])

    def rows(self, table: str, columns: Sequence[str]) -> pa.Table:
        return self._basis.rows(table, columns)


def _answer(
    source: _OfStore | _OfBasis,
    query: str,
    parameters: Mapping[str, Any] | None,
    more: Mapping[str, Reader] | None = None,
) -> pd.DataFrame:
    tables: dict[str, Reader] = {name: partial(_visible, source, name) for name in _TABLES}
    return ask(query, tables | dict(more or {}), str(source.store.place), parameters)


def _visible(source: _OfStore | _OfBasis, table: str, columns: set[str] | None) -> pa.Table:
    if table == "features":
        return source.store.records.read(table)
    if table == "patients":
        names = [name for name in RECORDS["attributes"].names if name != "commit"]
        attributes = source.rows("attributes", names)
        attributes = attributes.filter(pc.is_null(attributes["came_as"])).drop_columns(["came_as"])
        return attributes.join(source.heads(), "patient", join_type="inner")
    names = [name for name in RECORDS[table].names if name != "commit"]
    if columns is not None:
        names = [name for name in names if name == "patient" or name in columns]
    return source.rows(table, names)
