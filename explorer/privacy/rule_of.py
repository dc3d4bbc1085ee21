"""The rule for a DICOM attribute of the table in PS3.15 (E.1-1), as dicom-anonymizer has it."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydicom.tag import BaseTag

TABLE = "dicomfields_2026c"


def rule_of(tag: BaseTag) -> Any:
    """What dicom-anonymizer does to an attribute, or None where its table does not list it.

    Parameters
    ----------
    tag : pydicom.tag.BaseTag

    Returns
    -------
    callable or None
        Takes a data set and (group, element), and changes the data set.
    """
    exact, ranges = _rules()
    found = exact.get((tag.group, tag.element))
    if found is None and tag.group & 0xF000 in (0x5000, 0x6000):
        for group, element, of_group, of_element in ranges:
            if tag.group & of_group == group and tag.element & of_element == element & of_element:
                return ranges[group, element, of_group, of_element]
    return found


@cache
def _rules() -> tuple[dict[tuple[int, int], Any], dict[tuple[int, int, int, int], Any]]:
    """The library's rules: of one tag, and of repeating groups."""
    from dicomanonymizer.simpledicomanonymizer import initialize_actions

    actions = initialize_actions(TABLE)
    return (
        {tag: rule for tag, rule in actions.items() if len(tag) == 2},
        {tag: rule for tag, rule in actions.items() if len(tag) == 4},
    )
