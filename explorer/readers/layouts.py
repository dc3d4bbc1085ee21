"""Layouts: how public data sets lay out their files, recognised by files of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer.draft import Source


@dataclass(frozen=True)
class Placed:
    """What a layout says of a picture.

    Attributes
    ----------
    patient : str
    identity : tuple of str
        What its item id is made from: the same in the layout's tables, which so can point at it.
    modality : str
    name : str
    study : str or None
    meta : dict
        For the item.
    note : str
    """

    patient: str
    identity: tuple[str, ...]
    modality: str
    name: str
    study: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    note: str = ""


Place = Callable[[Path, str], Placed | None]
"""``place(folder, relative)``: a picture below a folder that may be the layout's own."""


def layouts() -> tuple[Place, ...]:
    """The layouts that place pictures."""
    from explorer.readers.chestxray8 import place_chestxray8
    from explorer.readers.chexpert import place_chexpert

    return place_chestxray8, place_chexpert


def find_placed(source: Source) -> Placed | None:
    """Ask each layout, from the picture's folder outwards, whether it knows the picture.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Placed or None
        None where it lies in no layout that is known.
    """
    inside = source.relative.replace("\\", "/").rpartition("!")[2]
    folder = source.path.parent
    for depth in range(inside.count("/") + 1):
        relative = "/".join(inside.split("/")[-depth - 1 :])
        for place in layouts():
            placed = place(folder, relative)
            if placed is not None:
                return placed
        folder = folder.parent
    return None
