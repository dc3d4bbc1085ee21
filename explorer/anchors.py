"""Anchors: each patient's time zero, who says so, and what cannot be told because of it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from explorer.anchor import automatic
from explorer.layout import ORIGIN_TABLES
from explorer.shown_list import ShownList

if TYPE_CHECKING:
    from explorer.store import Store

ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass
class AnchorRow:
    """One patient's time zero.

    Attributes
    ----------
    key, patient : str
        `patient` is what people call the person (hostile text).
    date, kind, source : str or None
    cannot_tell : int
        Rows with a date or a count of days whose day from time zero is not known.
    said : dict
        Date to where it stands, of every dated source of the same kind of time zero.
    """

    key: str
    patient: str
    date: str | None
    kind: str | None
    source: str | None
    cannot_tell: int = 0
    said: dict[str, str] = field(default_factory=dict)

    @property
    def disagree(self) -> bool:
        """Whether sources name several dates for this kind of time zero."""
        return len({*self.said, *([self.date] if self.date else [])}) > 1


def anchors(store: Store) -> ShownList[AnchorRow]:
    """List the time zeros of a store.

    Parameters
    ----------
    store : Store

    Returns
    -------
    ShownList of AnchorRow
        In the order of the patients' names.
    """
    labels = store.keys_and_labels()
    names = ["patient", "anchor_date", "anchor_kind", "anchor_source", "came_as"]
    about = store.records.visible("attributes", names).to_pylist()
    found = {key: AnchorRow(key, label, None, None, None) for key, label in labels.items()}
    for row in about:
        if row["patient"] in found and not row["came_as"]:
            one = found[row["patient"]]
            one.date, one.kind = row["anchor_date"], row["anchor_kind"]
            one.source = row["anchor_source"]
    for row in about:
        said = not automatic(row["anchor_source"], row["anchor_kind"])
        if row["patient"] in found and row["came_as"] and row["anchor_date"] and said:
            one = found[row["patient"]]
            if _same(row["anchor_kind"], one.kind):
                one.said.setdefault(
                    row["anchor_date"], f"a joined identity: {row['anchor_source']}"
                )
    for key, count in _untold(store).items():
        if key in found:
            found[key].cannot_tell = count
    for kind in {one.kind for one in found.values() if one.kind}:
        for table in ("events", "facts"):
            for key, dates in dated(store, table, kind).items():
                if key in found and _same(found[key].kind, kind):
                    for date, source in dates.items():
                        found[key].said.setdefault(date, source)
    return ShownList(
        found.values(),
        ["patient", "time zero", "what it is", "who says so", "rows whose day cannot be told"],
        lambda one: [one.patient, one.date, one.kind, one.source, one.cannot_tell],
        "patients and their time zero",
    )


def dated(store: Store, table: str, name: str) -> dict[str, dict[str, str]]:
    """Dates of the events of a kind, or of the facts of a name or column.

    Parameters
    ----------
    store : Store
    table : {'events', 'facts'}
    name : str
        Compared without regard to case.

    Returns
    -------
    dict
        Patient's key to dates (ISO), each with where it stands.
    """
    named = ("kind",) if table == "events" else ("name", "column")
    columns = ["patient", *named, "value", "date", "source", "row"]
    data = store.records.visible(table, columns)
    same = [pc.equal(pc.utf8_lower(data[one]), name.casefold()) for one in named]
    mask = same[0] if len(same) == 1 else pc.or_kleene(*same)
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in data.filter(pc.fill_null(mask, False)).to_pylist():
        date = row["date"] or (row["value"] or "").strip()
        if ISO.fullmatch(date):
            place = f"{row['source'] or 'a person'}" + (f", row {row['row']}" if row["row"] else "")
            found[row["patient"]].setdefault(date, place)
    return {key: dict(sorted(dates.items())) for key, dates in found.items()}


def _untold(store: Store) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for table in ("items", *ORIGIN_TABLES):
        data = store.records.visible(table, ["patient", "day", "day_state"])
        state = pc.fill_null(data["day_state"], "")
        why = pc.or_(pc.starts_with(state, "cannot tell"), pc.starts_with(state, "unknown"))
        open_rows: Any = data.filter(pc.and_(pc.is_null(data["day"]), why))
        for one in pa.table({"patient": open_rows["patient"]})["patient"].value_counts():
            counts[one["values"].as_py()] += one["counts"].as_py()
    return counts


def _same(one: str | None, other: str | None) -> bool:
    return bool(one and other and one.casefold() == other.casefold())
