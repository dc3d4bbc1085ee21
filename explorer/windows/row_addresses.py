"""row_addresses: where each of some dated rows stands."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

import pyarrow as pa

# Of a kind whose rows are told apart by an id of their own: the column of the id.
_IDS = {"texts": "item", "findings": "finding"}
_KIND = {"texts": "reports"}

#: Columns that `row_addresses` needs of each table, besides those of `dated_rows`.
ADDRESS_COLUMNS: dict[str, tuple[str, ...]] = {
    "facts": (),
    "events": (),
    "observations": ("origin", "source"),
    "vectors": (),
    "texts": ("item",),
    "findings": ("finding",),
    "items": ("kind", "item"),
}


def row_addresses(table: str, data: pa.Table, versions: Mapping[str, int]) -> list[str]:
    """Addresses with the patients' versions, so that a later commit does not change what is meant.

    Parameters
    ----------
    table : str
    data : pyarrow.Table
        Of `dated_rows` with `ADDRESS_COLUMNS`, or some of its rows.
    versions : mapping
        Key to version.

    Returns
    -------
    list of str
        Of facts, events and vectors ``#row=`` is the place among the patient's rows of one name.
    """
    column = {name: data[name].to_pylist() for name in data.column_names}
    keys = column["patient"]
    if table == "items":
        parts = [(f"{kind}s", item) for kind, item in zip(column["kind"], column["item"],
                                                          strict=True)]  # fmt: skip
        rows = [""] * len(keys)
    elif table in _IDS:
        parts = [(_KIND.get(table, table), one) for one in column[_IDS[table]]]
        rows = [""] * len(keys)
    elif table == "observations":
        named = zip(column["origin"], column["source"], strict=True)
        parts = [(table, origin or source or "a person") for origin, source in named]
        rows = [f"#row=0.{nth}" for nth in column["nth"]]
    else:
        parts = [(table, what) for what in column["what"]]
        rows = [f"#row={nth}" for nth in column["nth"]]
    return [
        f"onco:{_part(key)}/{kind}/{_part(item or '?')}@{versions[key]}{row}"
        for key, (kind, item), row in zip(keys, parts, rows, strict=True)
    ]


@lru_cache(maxsize=65536)
def _part(text: str) -> str:
    return quote(text, safe="~")
