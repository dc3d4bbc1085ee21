"""Pane: one plane of a volume as it lies on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Along = Literal["row", "col"]


@dataclass(frozen=True)
class Pane:
    """How the planes through one axis of an array are laid out, in mm.

    Rows run down and columns to the right, in display order, which may be the array's order
    reversed. Lengths are measured from the picture's top left corner.

    Attributes
    ----------
    name : {'axial', 'coronal', 'sagittal', 'plane'}
    axis : int
        The array axis that is looked through: 0, 1, 2 of ``(z, y, x)``.
    row_axis, col_axis : int
        The array axes that run down and to the right.
    row_flip, col_flip : bool
        Whether the display runs against the array's index.
    count, rows, cols : int
        Planes along `axis`, and the pixels of one.
    row_step, col_step : float
        mm of one pixel (the mean one where `strips` is set).
    marks : tuple of str
        Letters at the left, right, top and bottom edge; empty where the orientation is unknown.
    tilt : float
        Degrees between the plane and the patient's own plane of that name.
    forward : int
        +1 or -1: the step of the index towards the feet (axial), the back (coronal), the
        patient's left (sagittal).
    along : {'row', 'col'} or None
        Which pixels are uneven or sheared.
    strips : ndarray, (rows or cols, 3), float64, or None
        For each of those in display order: begin and end in mm along it, and its shift in mm
        across. Gaps between strips are places where no slice was taken.
    """

    name: str
    axis: int
    row_axis: int
    col_axis: int
    row_flip: bool
    col_flip: bool
    count: int
    rows: int
    cols: int
    row_step: float
    col_step: float
    marks: tuple[str, str, str, str]
    tilt: float = 0.0
    forward: int = 1
    along: Along | None = None
    strips: FloatArray | None = None

    @property
    def height(self) -> float:
        """Height of the picture in mm."""
        if self.strips is None:
            return self.rows * self.row_step
        if self.along == "row":
            return float(self.strips[:, 1].max())
        return self.rows * self.row_step + float(self.strips[:, 2].max())

    @property
    def width(self) -> float:
        """Width of the picture in mm."""
        if self.strips is None:
            return self.cols * self.col_step
        if self.along == "col":
            return float(self.strips[:, 1].max())
        return self.cols * self.col_step + float(self.strips[:, 2].max())

    def arrange(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Bring a plane from the array's order into the display's.

        Parameters
        ----------
        plane : ndarray
            ``array[..., index, ...]`` along `axis`: the two axes left, in the array's order.

        Returns
        -------
        ndarray, (rows, cols), contiguous
        """
        shown = plane.T if self.row_axis > self.col_axis else plane
        rows = slice(None, None, -1 if self.row_flip else 1)
        cols = slice(None, None, -1 if self.col_flip else 1)
        return np.ascontiguousarray(shown[rows, cols])

    def position(self, index: tuple[int, int, int]) -> tuple[float, float]:
        """Where a voxel's centre lies on the picture.

        Parameters
        ----------
        index : tuple of int
            ``(z, y, x)``.

        Returns
        -------
        tuple of float
            mm to the right and down.
        """
        row, col = index[self.row_axis], index[self.col_axis]
        row = self.rows - 1 - row if self.row_flip else row
        col = self.cols - 1 - col if self.col_flip else col
        right, down = (col + 0.5) * self.col_step, (row + 0.5) * self.row_step
        if self.strips is not None and self.along == "row":
            begin, end, shift = self.strips[row]
            return right + float(shift), float(begin + end) / 2
        if self.strips is not None:
            begin, end, shift = self.strips[col]
            return float(begin + end) / 2, down + float(shift)
        return right, down

    def rectangle(self, box: Sequence[Sequence[int]]) -> tuple[float, float, float, float]:
        """Where a box of voxel edges lies on the picture.

        Parameters
        ----------
        box : sequence of (int, int)
            ``[[z0, z1], [y0, y1], [x0, x1]]``, half-open.

        Returns
        -------
        tuple of float
            Left, top, right and bottom in mm; what holds it, where strips are shifted.
        """
        first, last = (tuple(pair[k] - k for pair in box) for k in (0, 1))
        pixels = []
        for voxel in (first, last):
            row, col = voxel[self.row_axis], voxel[self.col_axis]
            row = self.rows - 1 - row if self.row_flip else row
            pixels.append((row, self.cols - 1 - col if self.col_flip else col))
        rows, cols = (sorted(pair) for pair in zip(*pixels, strict=True))
        left, right = cols[0] * self.col_step, (cols[1] + 1) * self.col_step
        top, bottom = rows[0] * self.row_step, (rows[1] + 1) * self.row_step
        if self.strips is None:
            return left, top, right, bottom
        low, high = rows if self.along == "row" else cols
        part = self.strips[low : high + 1]
        begin, end = float(part[0, 0]), float(part[-1, 1])
        least, most = float(part[:, 2].min()), float(part[:, 2].max())
        if self.along == "row":
            return left + least, begin, right + most, end
        return begin, top + least, end, bottom + most

    def regular(self, plane: NDArray[Any], step: float) -> NDArray[np.float32]:
        """Resample an arranged plane to square pixels by position, nearest pixel.

        Parameters
        ----------
        plane : ndarray, (rows, cols)
            As `arrange` gives it.
        step : float
            mm of one pixel of the result.

        Returns
        -------
        ndarray, float32
            NaN where nothing was taken.
        """
        down = _centres(self.height, step)
        right = _centres(self.width, step)
        if self.along == "col" and self.strips is not None:
            col, inside, shift = _strip_at(self.strips, right)
            row = np.floor((down[:, None] - shift[None, :]) / self.row_step).astype(np.int64)
            index = (row, np.broadcast_to(col[None, :], row.shape))
            hit = inside[None, :] & (row >= 0) & (row < self.rows)
        elif self.strips is not None:
            row, inside, shift = _strip_at(self.strips, down)
            col = np.floor((right[None, :] - shift[:, None]) / self.col_step).astype(np.int64)
            index = (np.broadcast_to(row[:, None], col.shape), col)
            hit = inside[:, None] & (col >= 0) & (col < self.cols)
        else:
            row = np.minimum((down / self.row_step).astype(np.int64), self.rows - 1)
            col = np.minimum((right / self.col_step).astype(np.int64), self.cols - 1)
            return plane[np.ix_(row, col)].astype(np.float32)
        out = np.full(hit.shape, np.nan, np.float32)
        out[hit] = plane[index[0][hit], index[1][hit]]
        return out

    def to_json(self) -> dict[str, Any]:
        """Everything that the browser needs to lay the plane out."""
        return {
            "name": self.name,
            "axis": self.axis,
            "rowAxis": self.row_axis,
            "colAxis": self.col_axis,
            "rowFlip": self.row_flip,
            "colFlip": self.col_flip,
            "count": self.count,
            "rows": self.rows,
            "cols": self.cols,
            "rowStep": self.row_step,
            "colStep": self.col_step,
            "width": self.width,
            "height": self.height,
            "marks": list(self.marks),
            "tilt": self.tilt,
            "forward": self.forward,
            "along": self.along,
            "strips": None if self.strips is None else self.strips.ravel().tolist(),
        }


def _centres(length: float, step: float) -> FloatArray:
    return np.asarray((np.arange(max(1, round(length / step))) + 0.5) * step, np.float64)


def _strip_at(
    strips: FloatArray, at: FloatArray
) -> tuple[NDArray[np.int64], NDArray[np.bool_], FloatArray]:
    """The strip at each place, whether the place is in it, and the strip's shift."""
    found = np.clip(np.searchsorted(strips[:, 0], at, side="right") - 1, 0, len(strips) - 1)
    inside = (at >= strips[found, 0]) & (at < strips[found, 1])
    return found, inside, strips[found, 2]
