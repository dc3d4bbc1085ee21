"""TotalSegmentator's classes: names, numbers, SNOMED CT codes, colours (release 2.18.0)."""

from __future__ import annotations

import csv
import json
from functools import lru_cache
from pathlib import Path

from explorer.draft import Code, SegmentDraft

_DATA = Path(__file__).with_name("data")
_TYPE, _CATEGORY = "SegmentedPropertyTypeCodeSequence", "SegmentedPropertyCategoryCodeSequence"
_MODIFIERS = ("SegmentedPropertyTypeModifierCodeSequence", "AnatomicRegionModifierSequence")


@lru_cache(maxsize=1)
def class_maps() -> dict[str, dict[int, str]]:
    """Number to name of the classes, by task: ``class_maps()["total"][1] == "spleen"``."""
    read = json.loads((_DATA / "totalsegmentator_classes.json").read_text("utf-8"))
    return {task: {int(n): name for n, name in names.items()} for task, names in read.items()}


@lru_cache(maxsize=1)
def class_names() -> frozenset[str]:
    """Names of the classes of all tasks."""
    return frozenset(name for names in class_maps().values() for name in names.values())


@lru_cache(maxsize=1)
def _codes() -> dict[str, dict[str, str]]:
    with (_DATA / "totalsegmentator_snomed_mapping.csv").open(encoding="utf-8", newline="") as file:
        return {row["Structure"]: row for row in csv.DictReader(file)}


def _code(row: dict[str, str], sequence: str) -> Code | None:
    scheme, value, meaning = (
        row[f"{sequence}.{part}"] for part in ("CodingSchemeDesignator", "CodeValue", "CodeMeaning")
    )
    return Code(value, scheme, meaning) if value else None


def class_segment(number: int, name: str) -> SegmentDraft:
    """A segment of a class, with its codes where the table has some.

    A code such as 'Adrenal gland' does not tell the side; `class_modifier` does, and the name.
    """
    row = _codes().get(name)
    if row is None:
        return SegmentDraft(number, name)
    red, green, blue = (int(one) for one in row["DicomRGBColor"].split(","))
    return SegmentDraft(
        number, name, _code(row, _TYPE), _code(row, _CATEGORY), color=(red, green, blue)
    )


def class_modifier(name: str) -> str | None:
    """What the table adds to a class's code, such as 'Left'; None where it adds nothing."""
    row = _codes().get(name)
    found = [_code(row, sequence) for sequence in _MODIFIERS] if row else []
    return next((code.meaning for code in found if code), None)
