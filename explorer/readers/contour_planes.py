"""Contours onto the slices of an image: by geometry, since many files' references are stale."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.draft import Grid
from explorer.readers.place import slice_first_voxels, slice_spacing
from explorer.readers.rasterise import rasterise
from explorer.space import FloatArray

_SLACK = 1e-3  # mm
_SAME_PLANE = 0.01  # mm along the normal
_CONTAINED = 0.9  # of the contours must lie within an image that is to be found by geometry


@dataclass(frozen=True)
class Slices:
    """Slices of a grid, ready for contours.

    Attributes
    ----------
    shape : tuple of int
        ``(z, y, x)``.
    origins : ndarray, (z, 3)
        mm LPS of each slice's first voxel.
    axes : ndarray, (3, 3)
        Unit vectors LPS along x, y and across the slices, one a column.
    size : ndarray, (2,)
        mm of a pixel along x and y.
    spacing : float
        mm between slices.
    """

    shape: tuple[int, int, int]
    origins: FloatArray
    axes: FloatArray
    size: FloatArray
    spacing: float

    @classmethod
    def of(cls, grid: Grid) -> Slices:
        """Take them from a grid."""
        steps = np.asarray(grid.affine, float)[:3, :2]
        size = np.linalg.norm(steps, axis=0)
        unit = steps / size
        normal = np.cross(unit[:, 0], unit[:, 1])
        normal /= np.linalg.norm(normal)
        axes = np.column_stack([unit, normal])
        return cls(grid.shape, slice_first_voxels(grid), axes, size, slice_spacing(grid))

    def slice_of(self, points: FloatArray) -> tuple[int, float] | str:
        """Find a contour's slice and its depth in mm, or why it has none."""
        depth = points @ self.axes[:, 2]
        if np.ptp(depth) > self.spacing / 2 + _SLACK:
            return "not parallel to the slices"
        at = float(depth.mean())
        away = abs(self.origins @ self.axes[:, 2] - at)
        nearest = int(away.argmin())
        if away[nearest] > self.spacing / 2 + _SLACK:
            return "on no slice"
        return nearest, at

    def pixels(self, points: FloatArray, index: int) -> FloatArray:
        """Points ``(n, 3)`` in mm LPS as ``(n, 2)``, ``(y, x)`` in pixels of a slice."""
        offset = points - self.origins[index]
        y, x = offset @ self.axes[:, 1], offset @ self.axes[:, 0]
        return np.stack([y / self.size[1], x / self.size[0]], axis=1)


def rasterise_contours(
    contours: Sequence[FloatArray], slices: Slices
) -> tuple[NDArray[np.bool_], Counter[str]]:
    """Fill the contours of one structure.

    Parameters
    ----------
    contours : sequence of ndarray, (n, 3)
        mm LPS.
    slices : Slices

    Returns
    -------
    mask : ndarray, (z, y, x), bool
    left_out : Counter
        Reason to the number of contours that are not in the mask.
    """
    mask = np.zeros(slices.shape, bool)
    planes, left_out = plan_contours(contours, slices)
    for index, chosen in planes.items():
        polygons = (slices.pixels(contours[one], index) for one in chosen)
        mask[index] = rasterise(polygons, slices.shape[1:])
    return mask, left_out


def plan_contours(
    contours: Sequence[FloatArray], slices: Slices
) -> tuple[dict[int, list[int]], Counter[str]]:
    """Choose the contours that each slice gets.

    Where contour planes lie closer together than the slices, a slice takes the plane nearest to
    it alone: contours of different planes must not cut holes into one another.

    Returns
    -------
    planes : dict
        Slice to positions in `contours`, in their order.
    left_out : Counter
        Reason to count.
    """
    left_out: Counter[str] = Counter()
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    depth = slices.origins @ slices.axes[:, 2]
    for position, points in enumerate(contours):
        placed = slices.slice_of(points)
        if isinstance(placed, str):
            left_out[placed] += 1
        else:
            found[placed[0]].append((placed[1], position))
    planes: dict[int, list[int]] = {}
    for index, placed_here in found.items():
        nearest = min(placed_here, key=lambda one: abs(one[0] - depth[index]))[0]
        planes[index] = [p for at, p in placed_here if abs(at - nearest) <= _SAME_PLANE]
        beside = len(placed_here) - len(planes[index])
        if beside:
            left_out["between the slices, whose slice has a nearer one"] += beside
    return planes, left_out


def contours_fit(contours: Sequence[FloatArray], slices: Slices) -> bool:
    """Whether nearly all contours lie on the slices, inside of the picture."""
    planes, _ = plan_contours(contours, slices)
    inside = 0
    for index, chosen in planes.items():
        for one in chosen:
            at = slices.pixels(contours[one], index)
            inside += bool((at > -1).all() and (at < slices.shape[1:]).all())
    return inside > 0 and inside >= _CONTAINED * len(contours)
