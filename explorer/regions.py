"""Boxes in voxels around the outlines that reports draw (DICOM PS3.3 C.18.6, C.18.9)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from explorer.draft import Grid
from explorer.space import lps_to_index

FloatArray = NDArray[np.float64]
Box = tuple[tuple[int, int], ...]


def box_in_plane(
    graphic: str, points: Sequence[Sequence[float]], shape: tuple[int, int]
) -> Box | None:
    """Give the box of an outline in a picture.

    Parameters
    ----------
    graphic : str
        GraphicType of SCOORD.
    points : sequence of (column, row)
        In pixels from the top left corner of the first pixel.
    shape : tuple of int
        ``(y, x)`` of the picture.

    Returns
    -------
    tuple of (int, int), or None
        Spans along y and x in voxel edges, half-open; None where the outline lies outside.
    """
    bounds = _bounds(graphic, np.asarray(points, float)[:, ::-1])
    return _clipped(*bounds, shape)


def box_in_image(graphic: str, points: Sequence[Sequence[float]], grid: Grid) -> Box | None:
    """Give the box of an outline in space, in the voxels of an image.

    Parameters
    ----------
    graphic : str
        GraphicType of SCOORD3D.
    points : sequence of (x, y, z)
        mm LPS.
    grid : Grid

    Returns
    -------
    tuple of (int, int), or None
        Spans along z, y and x; None where the outline lies outside.
    """
    at = lps_to_index(grid.affine, np.asarray(points, float), grid.slice_origins)
    low, high = _bounds(graphic, at)
    return _clipped(low + 0.5, high + 0.5, grid.shape)  # an index is a voxel's centre


def _bounds(graphic: str, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    if graphic == "CIRCLE" and len(points) == 2:
        radius = float(np.linalg.norm(points[1] - points[0]))
        return points[0] - radius, points[0] + radius
    if graphic in ("ELLIPSE", "ELLIPSOID") and len(points) in (4, 6):
        ends = points.reshape(-1, 2, points.shape[1])  # of each axis
        reach = np.sqrt((((ends[:, 1] - ends[:, 0]) / 2) ** 2).sum(axis=0))
        center = points.mean(axis=0)
        return center - reach, center + reach
    return points.min(axis=0), points.max(axis=0)


def _clipped(low: FloatArray, high: FloatArray, shape: Sequence[int]) -> Box | None:
    size = np.asarray(shape)
    start = np.floor(low + 1e-6).astype(np.int64)
    end = np.maximum(np.ceil(high - 1e-6).astype(np.int64), start + 1)
    start, end = np.clip(start, 0, size), np.clip(end, 0, size)
    if (end <= start).any():
        return None
    return tuple((int(a), int(b)) for a, b in zip(start, end, strict=True))
