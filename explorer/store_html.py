"""A store for people to look at: patients by modalities, absence shown as a state."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from explorer.html import Raw, cell, table_html
from explorer.layout import ORIGIN_TABLES

if TYPE_CHECKING:
    from explorer.store import Store

_MOST_ROWS = 50


def store_html(store: Store) -> str:
    """HTML of a store.

    Parameters
    ----------
    store : Store

    Returns
    -------
    str
    """
    labels = store.keys_and_labels()
    columns: set[str] = set()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    states: dict[tuple[str, str], str] = {}
    for row in store.records.visible("items", ["patient", "modality", "state"]).to_pylist():
        columns.add(row["modality"])
        if row["state"] == "present":
            counts[row["patient"]][row["modality"]] += 1
        else:
            states[row["patient"], row["modality"]] = row["state"]
    for table in ORIGIN_TABLES:
        name = "reports" if table == "texts" else table
        for key in store.records.visible(table, ["patient"])["patient"].to_pylist():
            columns.add(name)
            counts[key][name] += 1
    order = sorted(columns, key=lambda name: (name.islower(), name))
    rows = []
    for key, label in list(labels.items())[:_MOST_ROWS]:
        cells = [
            counts[key][name] or Raw(f"<i>{cell(states.get((key, name), 'absent'))}</i>")
            for name in order
        ]
        rows.append([label, *cells])
    more = f" ({_MOST_ROWS} of {len(labels)} shown)" if len(labels) > _MOST_ROWS else ""
    caption = f"{store.place.name}: {len(labels)} patients{more}"
    return table_html(["patient", *order], rows, caption=caption)
