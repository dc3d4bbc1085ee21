"""Lesions as rows of the table of observations, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from graphs.lesion import Lesion
from graphs.measures import Measures

Row = dict[str, Any]

# name, code (DICOM CID 7470, CID 7469, DCM), field of Measures, unit
_LENGTHS = (
    ("Longest diameter", "SCT:103339001", "longest_mm", "mm"),
    ("Perpendicular diameter", "SCT:103340004", "perpendicular_mm", "mm"),
    ("Longest diameter in space", None, "extent_3d_mm", "mm"),
    ("Volume", "SCT:118565006", "volume_mm3", "mm3"),
)
_VALUES = (
    ("Mean", "SCT:373098007", "mean"),
    ("Standard deviation", "SCT:386136009", "std"),
    ("Minimum", "SCT:255605001", "minimum"),
    ("Maximum", "SCT:56851009", "maximum"),
    ("Median", "SCT:373099004", "median"),
    ("Peak", "DCM:126031", "peak"),
)
_KEPT = "lesion"  # where the first row's detail keeps the whole


def lesion_rows(lesion: Lesion) -> list[Row]:
    """One row a measurement; the first one's detail holds the lesion as it is.

    Parameters
    ----------
    lesion : Lesion

    Returns
    -------
    list of dict
        Rows of the table ``observations``.
    """
    m = lesion.measures
    said: list[tuple[str, str | None, float | None, str | None]] = [
        (name, code, getattr(m, field), unit) for name, code, field, unit in _LENGTHS
    ]
    said += [(name, code, getattr(m, field), m.units) for name, code, field in _VALUES]
    said.append(
        ("Total lesion glycolysis", "DCM:126033", m.tlg, "g" if m.tlg is not None else None)
    )
    common = {
        "group": lesion.label,
        "group_uid": lesion.tracking_uid,
        "state": "present",
        "method": "outline",
        "finding": lesion.name,
        "finding_code": lesion.code,
        "site": lesion.organ,
        "laterality": lesion.laterality,
        "target": lesion.target,
        "date": lesion.acquired,
        "synthetic": lesion.synthetic,
    }
    rows = [
        {**common, "name": name, "code": code, "number": number, "unit": unit, "detail": None}
        for name, code, number, unit in said
        if number is not None
    ]
    rows[0]["detail"] = json.dumps({_KEPT: asdict(lesion)}, ensure_ascii=False, sort_keys=True)
    return rows


def lesions_of_rows(rows: Iterable[Row]) -> list[Lesion]:
    """Read what `lesion_rows` wrote."""
    found = []
    for row in rows:
        kept = json.loads(row["detail"] or "{}").get(_KEPT)
        if kept:
            found.append(Lesion(**{**kept, "measures": _measures(kept["measures"])}))
    return found


def _measures(kept: Row) -> Measures:
    return Measures(**{one.name: _tuples(kept[one.name]) for one in fields(Measures)})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
