"""Made: what a mapped function gives back, where a plain value does not say enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from explorer.draft import Code, ImageDraft, SegmentationDraft
from explorer.image import Image
from explorer.waveform_draft import WaveformDraft

Row = dict[str, Any]


@dataclass(frozen=True)
class Mask:
    """A mask on the grid of an image; it becomes a segment of a segmentation of that image.

    Attributes
    ----------
    values : ndarray, (z, y, x)
        bool, in the shape of the image's last three dims.
    name : str
        Unique among the masks of one image.
    image : Image or None
        None: the image that the function was called with.
    code : Code or None
        A coded concept, SNOMED CT where there is one.
    """

    values: NDArray[Any]
    name: str
    image: Image | None = None
    code: Code | None = None


@dataclass(frozen=True)
class Volume:
    """An image on the grid of another one.

    Attributes
    ----------
    values : ndarray
        In the shape and dims of the image.
    name : str
    image : Image or None
        None: the image that the function was called with.
    units : str
        UCUM, 'HU', or '1' (arbitrary).
    """

    values: NDArray[Any]
    name: str
    image: Image | None = None
    units: str = "1"


@dataclass
class Made:
    """Everything that a function may say of a patient or an item.

    Attributes
    ----------
    numbers : mapping
        Name to number, text or None (unknown): observations.
    units : mapping
        Name to UCUM unit, of `numbers`.
    masks : sequence of Mask
    volumes : sequence of Volume
    drafts : sequence of ImageDraft, SegmentationDraft or WaveformDraft
        Items of any other kind; their ids are made anew from the run.
    vectors : mapping
        Name to a series over the names of its entries.
    texts : mapping
        Name to text.
    facts, observations : sequence of dict
        Rows of the tables of these names (`explorer.layout.RECORDS`).
    predicted : bool
        A model's guess, and not a computation from what is there.
    synthetic : bool
        Made up; what is made of a synthetic patient or item is flagged in any case.
    """

    numbers: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    masks: Sequence[Mask] = ()
    volumes: Sequence[Volume] = ()
    drafts: Sequence[ImageDraft | SegmentationDraft | WaveformDraft] = ()
    vectors: Mapping[str, pd.Series] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    facts: Sequence[Row] = ()
    observations: Sequence[Row] = ()
    predicted: bool = False
    synthetic: bool = False
