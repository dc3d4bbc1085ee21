"""Masks onto an image's grid: which slice, which pixel, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.draft import Grid
from explorer.errors import GeometryError
from explorer.space import FloatArray, slice_positions

_IN_PLANE = 0.05  # of a pixel: how far a mask's pixel may lie from the image's
_ACROSS = 0.1  # of the slice spacing


@dataclass(frozen=True)
class Planes:
    """Parallel frames of one size, somewhere in space.

    Attributes
    ----------
    shape : tuple of int
        ``(y, x)``.
    positions : ndarray, (n, 3), float64
        mm LPS of each frame's first voxel.
    steps : ndarray, (3, 2), float64
        The step in mm LPS of one pixel along x and along y, one a column.
    """

    shape: tuple[int, int]
    positions: FloatArray
    steps: FloatArray

    @property
    def normal(self) -> FloatArray:
        """Unit vector across the frames, LPS."""
        cross = np.cross(self.steps[:, 0], self.steps[:, 1])
        return np.asarray(cross / np.linalg.norm(cross))


@dataclass(frozen=True)
class Placement:
    """Where an array lies in a larger one: its axes permuted, mirrored and shifted.

    Attributes
    ----------
    axes : tuple of int
        Axis of the source for each axis of the target.
    flipped : tuple of bool
        Per target axis.
    start : tuple of int
        Index of the target where the source starts.
    """

    axes: tuple[int, ...]
    flipped: tuple[bool, ...]
    start: tuple[int, ...]

    def orient(self, values: NDArray[Any]) -> NDArray[Any]:
        """Give a source array the target's axes and directions (a view)."""
        turned = values.transpose(self.axes)
        return turned[tuple(slice(None, None, -1 if f else 1) for f in self.flipped)]

    def window(self, shape: tuple[int, ...]) -> tuple[slice, ...]:
        """Part of the target that a source of `shape` covers."""
        turned = (shape[axis] for axis in self.axes)
        return tuple(slice(s, s + n) for s, n in zip(self.start, turned, strict=True))


def slice_spacing(grid: Grid) -> float:
    """Median distance in mm between neighbouring slices of a grid."""
    at = slice_positions(grid.affine, grid.shape[0], grid.slice_origins)
    if len(at) > 1:
        return float(np.median(abs(np.diff(at))))
    a = np.asarray(grid.affine, float)
    normal = np.cross(a[:3, 0], a[:3, 1])
    return float(abs(a[:3, 2] @ normal) / np.linalg.norm(normal))


def slice_first_voxels(grid: Grid) -> FloatArray:
    """First voxel ``(z, 3)`` of each slice of a grid, mm LPS."""
    if grid.slice_origins is not None:
        return np.asarray(grid.slice_origins, float)
    a = np.asarray(grid.affine, float)
    return np.asarray(a[:3, 3] + np.arange(grid.shape[0])[:, None] * a[:3, 2])


def place_planes(planes: Planes, grid: Grid) -> tuple[NDArray[np.int64], Placement]:
    """Find the image's slice of each frame, and the frames' place within the slices.

    Parameters
    ----------
    planes : Planes
    grid : Grid
        Of the image; its slices may be uneven.

    Returns
    -------
    slices : ndarray, (n,), int64
    placement : Placement
        ``(y, x)``, the same for all frames.

    Raises
    ------
    GeometryError
        The frames do not lie on the image's pixels; `found` says how.
    """
    affine = np.asarray(grid.affine, float)
    origins = slice_first_voxels(grid)
    across = np.cross(affine[:3, 0], affine[:3, 1])
    across /= np.linalg.norm(across)
    depth = planes.positions @ across
    slices = np.abs(depth[:, None] - (origins @ across)[None]).argmin(axis=1)
    basis = np.linalg.inv(np.column_stack([affine[:3, :2], across]))
    height, width = planes.shape
    reach = np.array([[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]])
    corner = (planes.positions - origins[slices])[:, None] + (reach @ planes.steps.T)[None]
    index = corner @ basis.T  # (n, 4, 3): x, y in pixels, mm off the slice
    if abs(index[..., 2]).max() > _ACROSS * slice_spacing(grid):
        far = (abs(index[..., 2]).max(axis=1) > _ACROSS * slice_spacing(grid)).sum()
        raise GeometryError(f"{far} of {len(planes.positions)} frames lie on no slice of it")
    nearest = np.rint(index[..., :2])
    if abs(index[..., :2] - nearest).max() > _IN_PLANE:
        raise GeometryError("its pixels lie between the image's")
    if (nearest != nearest[:1]).any():
        raise GeometryError("its frames lie at different places within the slices")
    placement = _placement(
        nearest[0][:, ::-1], (height, width), (grid.shape[1], grid.shape[2]), planes.steps, basis
    )
    return slices, placement


def _placement(
    corners: FloatArray,
    shape: tuple[int, int],
    target: tuple[int, int],
    steps: FloatArray,
    basis: FloatArray,
) -> Placement:
    """Placement ``(y, x)`` of a frame from where its four corners are, as ``(y, x)``."""
    turn = (basis @ steps)[1::-1, ::-1]  # rows: target y, x; columns: source y, x
    axes = (0, 1) if abs(turn[0, 0]) > abs(turn[0, 1]) else (1, 0)
    signed = np.rint([turn[i, axis] for i, axis in enumerate(axes)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = np.asarray([shape[axis] for axis in axes])
    if (abs(signed) != 1).any() or (high - low + 1 != size).any():
        raise GeometryError("its pixels are of another size than the image's, or turned")
    if (low < 0).any() or (high >= target).any():
        raise GeometryError("it reaches beyond the image")
    flipped = tuple(bool(s < 0) for s in signed)
    return Placement(axes, flipped, tuple(int(v) for v in low))


def place_volume(affine: ArrayLike, shape: tuple[int, int, int], grid: Grid) -> Placement:
    """Find the place of a volume's voxels in an image, mirrored or with its axes swapped.

    Parameters
    ----------
    affine : array_like, (4, 4)
        Of the volume: index ``(x, y, z, 1)`` to mm LPS.
    shape : tuple of int
        ``(z, y, x)``.
    grid : Grid
        Of the image.

    Returns
    -------
    Placement
        ``(z, y, x)``.

    Raises
    ------
    GeometryError
        The voxels are not the image's; `found` says how.
    """
    if grid.slice_origins is not None:
        raise GeometryError("the image's slices are uneven")
    turn = np.linalg.inv(np.asarray(grid.affine, float)) @ np.asarray(affine, float)
    last = np.asarray(shape)[::-1] - 1
    reach = np.array(np.meshgrid(*[(0, n) for n in last], indexing="ij")).reshape(3, -1).T
    corners = (reach @ turn[:3, :3].T + turn[:3, 3])[:, ::-1]
    if abs(corners - np.rint(corners)).max() > _IN_PLANE:
        raise GeometryError("its voxels lie between the image's")
    zyx = turn[2::-1, 2::-1]
    axes = tuple(int(axis) for axis in abs(zyx).argmax(axis=1))
    if sorted(axes) != [0, 1, 2] or any(
        np.rint(abs(zyx[i, axis])) != 1 for i, axis in enumerate(axes)
    ):
        raise GeometryError("its voxels are of another size than the image's, or turned")
    low, high = np.rint(corners.min(axis=0)), np.rint(corners.max(axis=0))
    if (high - low + 1 != [shape[axis] for axis in axes]).any():
        raise GeometryError("its voxels are of another size than the image's")
    if (low < 0).any() or (high >= grid.shape).any():
        raise GeometryError("it reaches beyond the image")
    flipped = tuple(bool(zyx[i, axis] < 0) for i, axis in enumerate(axes))
    return Placement(axes, flipped, tuple(int(v) for v in low))
