"""Diameters of a mask: the longest in one slice, the one across it, the longest in space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.voxel_grid import VoxelGrid

FloatArray = NDArray[np.float64]
Point = tuple[float, float, float]

# From a voxel's centre to the middles of its sides. Marching cubes at one half puts the outline
# of a mask there, so that these diameters are those of pyradiomics' mesh.
_SIDES = np.array([(0, 0, 0.5), (0, 0, -0.5), (0, 0.5, 0), (0, -0.5, 0), (0.5, 0, 0), (-0.5, 0, 0)])
_MOST_PAIRS = 4_000_000  # distances held at once


@dataclass(frozen=True)
class Diameters:
    """In mm, with their ends in mm LPS."""

    longest_mm: float
    longest_at: tuple[Point, Point]
    perpendicular_mm: float
    perpendicular_at: tuple[Point, Point]
    plane: int


def diameters(mask: NDArray[np.bool_], grid: VoxelGrid, first: tuple[int, int, int]) -> Diameters:
    """The longest diameter in one slice and the longest one across it (RECIST 1.1, WHO).

    An end of a diameter is the middle of an outer voxel's side. One voxel is thus as long as its
    longer side; a disc of n voxels across is n voxels long. The other diameter lies in the same
    slice, at a right angle, where the outline is widest; both are of the convex outline, so that
    they may cross a bay.

    Parameters
    ----------
    mask : ndarray, (z, y, x), bool
        Not empty.
    grid : VoxelGrid
        Of the whole image.
    first : tuple of int
        Index ``(z, y, x)`` in the whole image of the mask's first voxel.

    Returns
    -------
    Diameters
    """
    basis = grid.in_plane()
    best: tuple[float, int, FloatArray, tuple[int, int]] | None = None
    for k in np.flatnonzero(mask.any(axis=(1, 2))):
        index = _row_ends(mask, k) + _SIDES[:4, None]
        points = grid.lps(index.reshape(-1, 3) + first)
        flat = points @ basis.T
        if best is not None and np.linalg.norm(np.ptp(flat, axis=0)) <= best[0]:
            continue
        outline = points[_hull(flat)]
        length, ends = farthest(outline)
        if best is None or length > best[0] + 1e-9:
            best = (length, int(k), outline, ends)
    if best is None:
        raise ValueError("an empty mask")
    length, plane, outline, (a, b) = best
    across, at = _across(outline, outline[a], outline[b], basis)
    at_longest = (_point(outline[a]), _point(outline[b]))
    return Diameters(length, at_longest, across, at, plane + first[0])


def extent(mask: NDArray[np.bool_], grid: VoxelGrid, first: tuple[int, int, int]) -> float:
    """Longest distance in mm between two points of a mask's outline, across slices.

    The same as pyradiomics' Maximum3DDiameter: between the middles of outer voxels' sides.
    """
    ends = np.concatenate([_row_ends(mask, k) for k in np.flatnonzero(mask.any(axis=(1, 2)))])
    points = grid.lps((ends[None] + _SIDES[:, None]).reshape(-1, 3) + first)
    return farthest(points[_hull(points)])[0]


def _row_ends(mask: NDArray[np.bool_], k: np.intp) -> FloatArray:
    """First and last voxel of each row of a slice, ``(n, 3)``: no others are outermost."""
    plane = mask[k]
    rows = np.flatnonzero(plane.any(axis=1))
    low = plane[rows].argmax(axis=1)
    high = plane.shape[1] - 1 - plane[rows][:, ::-1].argmax(axis=1)
    y, x = np.concatenate([rows, rows]), np.concatenate([low, high])
    return np.stack([np.full_like(y, k), y, x], axis=1).astype(float)


def _hull(points: FloatArray) -> NDArray[np.intp]:
    """Indices of the corners of the convex hull, in order around it where it is flat."""
    from scipy.spatial import ConvexHull

    middle = points.mean(axis=0)  # far from the origin rounding would count
    return np.asarray(ConvexHull(points - middle).vertices)


def farthest(points: FloatArray) -> tuple[float, tuple[int, int]]:
    """Largest distance between two of the points, and which they are."""
    step = max(1, _MOST_PAIRS // len(points))
    best, ends = -1.0, (0, 0)
    for begin in range(0, len(points), step):
        gaps = points[begin : begin + step, None] - points[None]
        squares = np.einsum("ijk,ijk->ij", gaps, gaps)
        at = int(squares.argmax())
        if squares.flat[at] > best:
            best = float(squares.flat[at])
            ends = (begin + at // len(points), at % len(points))
    return float(np.sqrt(best)), ends


def _across(
    outline: FloatArray, a: FloatArray, b: FloatArray, basis: FloatArray
) -> tuple[float, tuple[Point, Point]]:
    """Longest chord of a convex outline at a right angle to ``a b``."""
    along = (b - a) / np.linalg.norm(b - a)
    u = basis @ along
    side = -u[1] * basis[0] + u[0] * basis[1]
    s, t = (outline - a) @ along, (outline - a) @ side
    # the chord's length is concave along the diameter and bends at corners only
    upper, lower = (_chain(s[keep], t[keep], s) for keep in (t >= -1e-9, t <= 1e-9))
    at = int((upper - lower).argmax())
    ends = [a + s[at] * along + h * side for h in (lower[at], upper[at])]
    return float(upper[at] - lower[at]), (_point(ends[0]), _point(ends[1]))


def _chain(s: FloatArray, t: FloatArray, at: FloatArray) -> FloatArray:
    order = np.argsort(s)
    return np.asarray(np.interp(at, s[order], t[order]))


def _point(at: FloatArray) -> Point:
    return float(at[0]), float(at[1]), float(at[2])
