"""Segments that 3D Slicer describes in a .seg.nrrd (its docs: Segmentations, file format)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from explorer.draft import Code, SegmentDraft

_FIELD = re.compile(r"Segment(\d{1,6})_(ID|Name|Layer|LabelValue|Color|Tags)$")
_TERMINOLOGY = re.compile(r"TerminologyEntry:([^|]*)")
_TEXT = 256


def slicer_segments(fields: Mapping[str, Any]) -> dict[tuple[int, int], SegmentDraft]:
    """Collect them from a header's fields.

    Returns
    -------
    dict
        (layer, label value) to segment; empty where the file is not 3D Slicer's.
    """
    parts: dict[int, dict[str, str]] = {}
    for field, value in fields.items():
        if found := _FIELD.match(str(field)):
            parts.setdefault(int(found.group(1)), {})[found.group(2)] = str(value)
    segments = {}
    for _, part in sorted(parts.items()):
        layer, label = _number(part.get("Layer", "0")), _number(part.get("LabelValue", "1"))
        if layer is None or label is None or (layer, label) in segments:
            continue
        category, code = _codes(part.get("Tags", ""))
        name = _clean(part.get("Name", "")) or _clean(part.get("ID", ""))
        segments[layer, label] = SegmentDraft(
            number=label,
            name=name or f"label {label}",
            code=code,
            category=category,
            color=_color(part.get("Color", "")),
        )
    return segments


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*\d{1,9}\s*", text) else None


def _clean(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()[:_TEXT]


def _color(text: str) -> tuple[int, int, int] | None:
    """Three fractions."""
    try:
        red, green, blue = (round(255 * float(one)) for one in text.split())
    except (ValueError, OverflowError):
        return None
    if not all(0 <= one <= 255 for one in (red, green, blue)):
        return None
    return red, green, blue


def _codes(tags: str) -> tuple[Code | None, Code | None]:
    """Category and type: ``context~scheme^value^meaning~scheme^value^meaning~...``."""
    found = _TERMINOLOGY.search(tags)
    parts = found.group(1).split("~") if found else []
    codes = []
    for part in parts[1:3]:
        scheme, value, meaning = [*map(_clean, part.split("^")), "", "", ""][:3]
        codes.append(Code(value, scheme, meaning or value) if scheme and value else None)
    category, kind = [*codes, None, None][:2]
    return category, kind
