"""text_at: what stands at an address, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from explorer.address import Address
from explorer.errors import OncographError
from explorer.store import Store

_MOST = 300


def text_at(store: Store, address: str) -> str:
    """Say what an address points at.

    Parameters
    ----------
    store : Store
    address : str

    Returns
    -------
    str
        A sentence, a row of a table, or the name of an item and of its part; hostile text. Empty
        where there is nothing.
    """
    try:
        where = Address.parse(address)
        if where.kind in ("images", "waveforms", "slides", "segmentations", "vectors"):
            return _named(store, where)
        value = where.resolve(store).value
    except (OncographError, LookupError):
        return ""
    if isinstance(value, pd.DataFrame):
        rows = [_row(row) for row in value.head(3).to_dict("records")]
        return _short("; ".join(one for one in rows if one))
    return _short(str(value))


def _named(store: Store, where: Address) -> str:
    """Of an item its name suffices: no pixel is read for it."""
    parts = ", ".join(f"{name} {value}" for name, value in where.fragment.items())
    rows = [row for row in store[where.key].rows("items") if row["item"] == where.item]
    name = (rows[0]["name"] if rows else None) or where.item
    return _short(f"{where.kind[:-1]} {name}" + (f", {parts}" if parts else ""))


def _row(row: dict[Any, Any]) -> str:
    def have(name: str) -> Any:
        value = row.get(name)
        return None if value is None or pd.isna(value) else value

    name = have("name") or have("entity") or have("finding") or ""
    value = have("value")
    if value is None:
        value = have("text") if have("number") is None else f"{have('number'):g}"
    said = value if value is not None else have("state")
    unit = have("unit")
    return f"{name}: {said}" + (f" {unit}" if unit else "") if said is not None else str(name)


def _short(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
