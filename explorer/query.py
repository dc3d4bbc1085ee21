"""SQL over the visible rows: read-only, with nothing else in reach."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.ask import ask
from explorer.layout import RECORDS, UNASSIGNED

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
    tables = {name: partial(_visible, store, name) for name in _TABLES}
    return ask(query, tables, str(store.place))


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
