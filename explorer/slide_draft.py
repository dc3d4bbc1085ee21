"""What a reader of whole-slide images hands to the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import Source


@dataclass(frozen=True)
class SlideLevel:
    """One level of a pyramid.

    Attributes
    ----------
    shape : tuple of int
        ``(y, x)`` in pixels.
    downsample : float
        How much coarser than level 0.
    mpp : tuple of float or None
        Micrometres a pixel, ``(y, x)``.
    """

    shape: tuple[int, int]
    downsample: float
    mpp: tuple[float, float] | None = None


@dataclass
class SlideDraft:
    """A whole-slide image: its pyramid stays in the source, a thumbnail is copied.

    Attributes
    ----------
    item, name, sources, acquired, problems, meta, synthetic
        As in `ImageDraft`.
    reader : str
        Name of the reader that opens the source again.
    levels : list of SlideLevel
        The finest first.
    thumbnail : callable
        Returns ``(y, x, 3)`` uint8, RGB; may raise FileRefusedError.
    """

    item: str
    name: str
    reader: str
    levels: list[SlideLevel]
    thumbnail: Callable[[], NDArray[np.uint8]]
    sources: list[Source]
    modality: str = "SM"
    acquired: str | None = None
    problems: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    synthetic: bool = False
