"""One patient's part of a transaction: the rows as they will be, and an open array session."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from explorer.anchor import FIRST_STUDY, Anchor, day_of
from explorer.draft import Draft, ImageDraft, SegmentationDraft
from explorer.errors import StoreError
from explorer.layout import RECORDS
from explorer.records import Head
from explorer.space import spacing

Row = dict[str, Any]

FACT_FIELDS = tuple(name for name in RECORDS["facts"].names if name not in ("patient", "commit"))


@dataclass
class Edit:
    """What a transaction will do to one patient.

    Attributes
    ----------
    key : str
    base : Head or None
        The version that it builds on; None for a patient without one.
    rows : dict
        Table name to the rows after the edit, for the tables that were looked at.
    dirty : set of str
        Tables that the commit writes.
    session : icechunk.Session or None
        Open for writing while the patient's lock is held by `held`.
    """

    key: str
    base: Head | None
    rows: dict[str, list[Row]] = field(default_factory=dict)
    dirty: set[str] = field(default_factory=set)
    session: Any = None
    changed_arrays: bool = False
    locked: bool = False
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def attributes(self) -> Row:
        """The patient's one row of attributes; made where there is none."""
        found = self.rows["attributes"]
        if not found:
            found.append({"synthetic": False})
        return found[0]

    def replace(self, table: str, field_name: str, value: str, rows: list[Row]) -> None:
        """Put `rows` in the place of those with ``row[field_name] == value``."""
        kept = [row for row in self.rows[table] if row[field_name] != value]
        self.rows[table] = kept + rows
        self.dirty.add(table)

    def forget_item(self, item: str) -> None:
        """Take the rows of an item out, where there are any."""
        for table in ("items", "segments"):
            if any(row["item"] == item for row in self.rows[table]):
                self.replace(table, "item", item, [])

    def put_item(
        self, draft: Draft, storage: str, values: np.dtype[Any], voxels: list[int]
    ) -> None:
        """Set the rows of an item that has been written; `values` is the type of its values."""
        row = {**_item_row(draft, storage), "value_dtype": str(values)}
        self.replace("items", "item", draft.item, [row])
        segments = _segment_rows(draft, voxels) if isinstance(draft, SegmentationDraft) else []
        self.replace("segments", "item", draft.item, segments)
        if draft.synthetic and not self.attributes.get("synthetic"):
            self.attributes["synthetic"] = True
            self.dirty.add("attributes")

    def settle_days(self) -> None:
        """Find time zero where nobody has set it, and each item's day from it."""
        items, texts = self.rows["items"], self.rows["texts"]
        a = self.attributes
        dates = [row["acquired"] for row in items if row["acquired"]]
        if a.get("anchor_kind") in (None, FIRST_STUDY) and dates:
            first = min(dates)
            if a.get("anchor_date") != first:
                a["anchor_date"], a["anchor_kind"] = first, FIRST_STUDY
                a["anchor_source"] = "earliest dated item"
                self.dirty.add("attributes")
        anchor = None
        if a.get("anchor_date"):
            anchor = Anchor(a["anchor_date"], a["anchor_kind"], a["anchor_source"] or "")
        for table, rows, date_field in (("items", items, "acquired"), ("texts", texts, "date")):
            for row in rows:
                day, state = day_of(row[date_field], anchor)
                if (row.get("day"), row.get("day_state")) != (day, state):
                    row["day"], row["day_state"] = day, state
                    self.dirty.add(table)


def check_fields(table: str, fields: Iterable[str]) -> None:
    """Refuse fields that a record table does not have; they would be lost in silence.

    Raises
    ------
    StoreError
        There is such a field.
    """
    known = [name for name in RECORDS[table].names if name not in ("patient", "commit")]
    unknown = sorted(set(fields) - set(known))
    if unknown:
        raise StoreError(f"No such field in {table}: {unknown}", expected=f"of {known}")


def fact_row(fact: Mapping[str, Any]) -> Row:
    """Make the row of a fact; see `Transaction.add_facts`."""
    check_fields("facts", fact)
    if not fact.get("name"):
        raise StoreError("A fact has no name", expected="name and value", where=str(dict(fact)))
    # a table's empty cell comes as NaN; 'nan' must not become a value
    row = {name: None if _missing(value) else value for name, value in fact.items()}
    value = row.get("value")
    state = row.get("state") or ("unknown" if value is None else "present")
    return {**row, "value": None if value is None else str(value), "state": state}


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or bool(value != value)


def _item_row(draft: Draft, storage: str) -> Row:
    meta = {name: value for name, value in draft.meta.items() if name != "sop_uids"}
    row: Row = {
        "item": draft.item,
        "modality": draft.modality,
        "name": draft.name,
        "study_uid": meta.get("study_uid"),
        "series_uid": meta.get("series_uid"),
        "frame_of_reference": draft.frame_of_reference,
        "acquired": draft.acquired,
        "shape": [int(n) for n in draft.shape],
        "affine": [float(v) for v in np.asarray(draft.affine, float).ravel()],
        "storage": storage,
        "state": "present",
        "body_part": meta.get("body_part"),
        "laterality": meta.get("laterality"),
        "problems": list(draft.problems),
        "synthetic": draft.synthetic,
        "meta": json.dumps(meta, default=_plain, ensure_ascii=False),
        "spacing_mm": list(spacing(draft.affine)[-len(draft.shape) :]),
    }
    if isinstance(draft, ImageDraft):
        row |= {
            "kind": "image",
            "dims": list(draft.dims),
            "dtype": draft.dtype.newbyteorder("=").name,
            "units": draft.units,
            "units_reason": draft.units_reason,
        }
    else:
        row |= {
            "kind": "segmentation",
            "dims": ["z", "y", "x"],
            "dtype": "bool" if draft.fraction_max is None else "uint8",
            "image": draft.image,
            "image_reason": draft.image_reason,
            "labels": [segment.name for segment in draft.segments],
        }
    return row


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


def _segment_rows(draft: SegmentationDraft, voxels: list[int]) -> list[Row]:
    voxel_mm3 = abs(float(np.linalg.det(np.asarray(draft.affine, float)[:3, :3])))
    rows = []
    for position, (segment, count) in enumerate(zip(draft.segments, voxels, strict=True)):
        code = segment.code
        rows.append(
            {
                "item": draft.item,
                "position": position,
                "number": segment.number,
                "name": segment.name,
                "code_value": code.value if code else None,
                "code_scheme": code.scheme if code else None,
                "code_meaning": code.meaning if code else None,
                "category": segment.category.meaning if segment.category else None,
                "algorithm_type": segment.algorithm_type,
                "algorithm_name": segment.algorithm_name,
                "color": list(segment.color) if segment.color else None,
                "voxels": count,
                "volume_mm3": count * voxel_mm3,
            }
        )
    return rows
