"""Lattice: voxel indices and mm LPS, uneven slices included."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.space import index_to_lps, lps_to_index
from widgets.pane import FloatArray


class Lattice:
    """Where the voxels of an image lie.

    Parameters
    ----------
    affine : array_like, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    shape : tuple of int
        ``(z, y, x)``.
    origins : ndarray, (z, 3), or None
        mm LPS of each slice's first voxel where the affine alone is not exact.
    """

    def __init__(
        self, affine: ArrayLike, shape: tuple[int, ...], origins: FloatArray | None = None
    ) -> None:
        self.affine = np.asarray(affine, float)
        z, y, x = shape
        self.shape = (z, y, x)
        self.origins = origins
        normal = np.cross(self.affine[:3, 0], self.affine[:3, 1])
        self._normal = normal / np.linalg.norm(normal)

    def to_lps(self, index: ArrayLike) -> FloatArray:
        """Integer indices ``(..., 3)`` as ``(z, y, x)`` to points ``(..., 3)`` in mm LPS."""
        if self.origins is None:
            return index_to_lps(self.affine, index)
        at = np.asarray(index)
        z = np.clip(at[..., 0].astype(np.int64), 0, self.shape[0] - 1)
        in_plane = at[..., 2:3] * self.affine[:3, 0] + at[..., 1:2] * self.affine[:3, 1]
        return np.asarray(self.origins[z] + in_plane)

    def plane_lps(self, axis: int, index: int) -> FloatArray:
        """Points ``(..., ..., 3)`` in mm LPS of the voxels of one plane.

        Parameters
        ----------
        axis, index : int
            The axis of ``(z, y, x)`` that is looked through, and where along it.
        """
        ranges = [np.arange(n) for n in self.shape]
        ranges[axis] = np.array([index])
        grid = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).squeeze(axis)
        return self.to_lps(grid)

    def nearest(self, point: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The voxels nearest to points.

        Parameters
        ----------
        point : array_like, (..., 3)
            mm LPS.

        Returns
        -------
        index : ndarray, (..., 3), int64
            ``(z, y, x)``, clipped to the image.
        inside : ndarray, (...), bool
            Whether the point lies in that voxel rather than outside of the image.
        """
        xyz = np.asarray(point, float)
        if self.origins is None:
            found = np.rint(lps_to_index(self.affine, xyz)).astype(np.int64)
        else:
            found = self._nearest_slice(xyz)
        limit = np.asarray(self.shape)
        inside = np.asarray(((found >= 0) & (found < limit)).all(axis=-1))
        return np.clip(found, 0, limit - 1), inside

    def _nearest_slice(self, xyz: FloatArray) -> NDArray[np.int64]:
        origins = np.asarray(self.origins)
        heights = origins @ self._normal
        order = np.argsort(heights, kind="stable")
        at = xyz @ self._normal
        middle = (heights[order][1:] + heights[order][:-1]) / 2
        z = order[np.searchsorted(middle, at)]
        step = float(np.median(np.abs(np.diff(heights)))) if len(heights) > 1 else np.inf
        relative = xyz - origins[z]
        base = self.affine[:3, :2]
        x, y = np.moveaxis(relative @ np.linalg.pinv(base).T, -1, 0)
        # in a gap, or beyond the last slice, no voxel is there
        outside = np.abs(at - heights[z]) > 0.75 * step
        found = np.stack([np.where(outside, -1, z), np.rint(y), np.rint(x)], axis=-1)
        return found.astype(np.int64)
