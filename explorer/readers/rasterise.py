"""Polygons to pixels: even-odd rule, pixel centres, edges inside."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

_VERTEX = 1e-12  # a pixel centre this close to a vertex, in pixels, is on it


def rasterise(polygons: Iterable[ArrayLike], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Fill the polygons of one plane; where two overlap, the second cuts a hole into the first.

    Parameters
    ----------
    polygons : iterable of array_like, (n, 2)
        Vertices as ``(y, x)`` in pixels, pixel centres at integers; closed without saying so.
    shape : tuple of int
        ``(y, x)``.

    Returns
    -------
    ndarray, (y, x), bool

    Notes
    -----
    Holes of a structure are contours inside of a contour (DICOM PS3.3 C.8.8.6.3), so each
    further polygon is combined by exclusive or.
    """
    mask = np.zeros(shape, bool)
    for polygon in polygons:
        rows, filled = _fill(np.asarray(polygon, float), shape)
        mask[rows] ^= filled
    return mask


def _fill(polygon: NDArray[np.float64], shape: tuple[int, int]) -> tuple[slice, NDArray[np.bool_]]:
    """Rows that a polygon reaches, and its pixels in them.

    J. O'Rourke's test (Computational Geometry in C, 1998, section 7.4), which scikit-image's
    ``polygon2mask`` makes pixel by pixel and edge by edge: a centre is in, or on an edge, where
    a ray to the right or a ray to the left crosses an odd number of edges. Here every edge is
    cut with every row that it straddles, and the crossings are summed along the row. Which side
    of the nearest pixel a crossing lies on is decided by the same floating point expression, so
    that the pixels are the same ones.
    """
    height, width = shape
    if len(polygon) == 0:
        return slice(0, 0), np.zeros((0, width), bool)
    y, x = polygon[:, 0], polygon[:, 1]
    low = max(0, int(np.ceil(y.min() - _VERTEX)))
    high = min(height - 1, int(np.floor(y.max() + _VERTEX)))
    if high < low:
        return slice(0, 0), np.zeros((0, width), bool)
    parity = _crossings(y, x, low, high, width)
    near = np.rint(polygon)
    at = near[(abs(polygon - near) < _VERTEX).all(axis=1)].astype(np.int64)
    at = at[((at >= (low, 0)) & (at <= (high, width - 1))).all(axis=1)]
    parity[at[:, 0] - low, at[:, 1]] = True
    return slice(low, high + 1), parity


def _crossings(
    y: NDArray[np.float64], x: NDArray[np.float64], low: int, high: int, width: int
) -> NDArray[np.bool_]:
    """Whether an odd number of edges lies right of, or left of, each pixel of some rows."""
    start_y, start_x = np.roll(y, 1), np.roll(x, 1)
    first = np.clip(np.ceil(np.minimum(y, start_y)), low, high + 1).astype(np.int64)
    last = np.clip(np.floor(np.maximum(y, start_y)), low - 1, high).astype(np.int64)
    count = np.maximum(0, last - first + 1)
    edge = np.repeat(np.arange(len(y)), count)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    y0, y1 = y[edge] - row, start_y[edge] - row
    level = y0 != y1
    edge, row, y0, y1 = edge[level], row[level], y0[level], y1[level]
    # Where the edge crosses the row, and on which side of the pixel nearest to that.
    x0, x1 = x[edge], start_x[edge]
    near = np.rint(x0 + y0 * (x1 - x0) / (y0 - y1))
    side = ((x0 - near) * y1 - (x1 - near) * y0) / (y1 - y0)
    right = _odd(row - low, near + (side > 0), (y0 > 0) != (y1 > 0), (high - low + 1, width))
    left = _odd(row - low, near + (side >= 0), (y0 < 0) != (y1 < 0), (high - low + 1, width))
    # `right`: crossings beyond a pixel; `left`: all less those at or beyond it.
    beyond = right[:, ::-1].cumsum(axis=1)[:, -2::-1]
    before = left.cumsum(axis=1)[:, :-1]
    return np.asarray(((beyond | before) & 1).astype(bool))


def _odd(
    row: NDArray[np.int64],
    column: NDArray[np.float64],
    counted: NDArray[np.bool_],
    shape: tuple[int, int],
) -> NDArray[np.int64]:
    """Crossings by row and by the first pixel column that is no longer left of them."""
    height, width = shape
    at = np.clip(column[counted], 0, width).astype(np.int64)
    flat = np.bincount(row[counted] * (width + 1) + at, minlength=height * (width + 1))
    return np.asarray(flat.reshape(height, width + 1))
