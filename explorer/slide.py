"""Slide: a whole-slide image; its pyramid stays in the source file, a thumbnail is kept."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
import zarr

from explorer.item import Item
from explorer.slide_draft import SlideLevel


class Slide(Item):
    """A whole-slide image.

    Attributes
    ----------
    levels : list of SlideLevel
        The finest first.
    """

    collection = "slides"

    @cached_property
    def levels(self) -> list[SlideLevel]:
        """Shape, downsampling and micrometres a pixel of each level, the finest first."""
        found: Any = self.group.attrs["levels"]
        return [
            SlideLevel(
                (int(one["shape"][0]), int(one["shape"][1])),
                float(one["downsample"]),
                (float(one["mpp"][0]), float(one["mpp"][1])) if one["mpp"] else None,
            )
            for one in found
        ]

    @property
    def stored(self) -> zarr.Array[Any]:
        """The thumbnail, ``(y, x, c)`` uint8."""
        found = self.group["thumbnail"]
        if not isinstance(found, zarr.Array):
            raise TypeError(f"{self.where}: 'thumbnail' is a group")
        return found

    @property
    def thumbnail(self) -> xr.DataArray:
        """The whole slide, small: ``(y, x, c)`` uint8, RGB."""
        return xr.DataArray(np.asarray(self.stored[...]), dims=("y", "x", "c"), name="thumbnail")
