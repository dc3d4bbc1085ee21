"""Indexed: what an index beside it says of a volume."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from explorer.draft import Code


@dataclass(frozen=True)
class Segment:
    """One mask of a file: its name, and the values that are in it (none: all but 0)."""

    name: str
    number: int = 1
    values: tuple[int, ...] = ()
    code: Code | None = None
    algorithm_type: str | None = None


@dataclass(frozen=True)
class Indexed:
    """What is known of one file.

    Attributes
    ----------
    patient : str
    mask : bool
    image : str or None
        Of a mask: its image, below the index's folder.
    group : str or None
        Of a mask that is one segment of several: what they have in common.
    segments : tuple of Segment
    modality, units, name, acquired : str or None
    synthetic : bool
    layout : str
        Which index said it.
    """

    patient: str
    mask: bool = False
    image: str | None = None
    group: str | None = None
    segments: tuple[Segment, ...] = ()
    modality: str | None = None
    units: str | None = None
    name: str | None = None
    acquired: str | None = None
    synthetic: bool = False
    layout: str = ""


@dataclass(frozen=True)
class Found:
    """A file of an index.

    Attributes
    ----------
    folder : pathlib.Path
        The index's.
    relative : str
        The file, below it.
    """

    folder: Path
    relative: str
    about: Indexed = field(compare=False)


Index = dict[str, Indexed]
