"""Slide: a whole-slide image; its pyramid stays in the source file, a thumbnail is kept."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr

from explorer.errors import AddressError, SourceChangedError
from explorer.fork import refuse_fork
from explorer.item import Item
from explorer.peek_file import sha256_of
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

    def read(self, level: int, y: int, x: int, height: int, width: int) -> xr.DataArray:
        """Read a region of a level from the source file, in a child process.

        Parameters
        ----------
        level : int
            Index in `levels`.
        y, x : int
            First row and column, in the level's own pixels.
        height, width : int

        Returns
        -------
        xarray.DataArray
            ``(y, x, c)`` uint8, RGB.

        Raises
        ------
        AddressError
            The region reaches outside of the level, or is larger than 67 million pixels.
        SourceChangedError
            A source file is gone, or is not the one that was taken in.
        UntrustedError
            It lies in a folder that this user has not trusted the store with.
        """
        from explorer.readers.slide_process import MOST_PIXELS, slide_process

        if not 0 <= level < len(self.levels):
            raise AddressError(f"No level {level}", expected=f"0 to {len(self.levels) - 1}")
        rows, columns = self.levels[level].shape
        inside = 0 <= y < y + height <= rows and 0 <= x < x + width <= columns
        if not inside or height * width > MOST_PIXELS:
            raise AddressError(
                f"Rows {y} to {y + height}, columns {x} to {x + width} of level {level}",
                expected=f"a part of {rows} x {columns}, at most {MOST_PIXELS} pixels",
                where=self.where,
            )
        refuse_fork()
        self.check_trust()
        self.patient.prove(self)
        kind = str(self.meta["format"])
        found = slide_process().region(kind, self._files(), level, y, x, height, width)
        return xr.DataArray(found, dims=("y", "x", "c"), name="region")

    def _files(self) -> list[Path]:
        """The source files, each as it was when it was taken in: size and time, else sha256."""
        rows = self.sources()
        for row in rows:
            path = Path(row["uri"])
            try:
                about = path.stat()
                same = about.st_size == row["size"] and (
                    about.st_mtime_ns == row["mtime_ns"] or sha256_of(path) == row["sha256"]
                )
            except OSError as error:
                raise SourceChangedError(
                    f"The slide's file cannot be read: {error.strerror}", where=str(path)
                ) from error
            if not same:
                raise SourceChangedError(
                    "The slide's file is not the one that was taken in",
                    where=str(path),
                    do="ingest it again",
                )
        return [Path(row["uri"]) for row in rows]
