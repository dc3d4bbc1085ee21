"""VoxelGrid: where the voxels of a mask lie, in mm, uneven and oblique slices included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.space import index_to_lps, slice_positions, spacing

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class VoxelGrid:
    """An affine, and the origins of uneven slices where there are any.

    Attributes
    ----------
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    slices : int
    origins : ndarray, (z, 3), or None
        mm LPS of each slice's first voxel where the slices are uneven or sheared.
    """

    affine: FloatArray
    slices: int
    origins: FloatArray | None = None

    def lps(self, index: ArrayLike) -> FloatArray:
        """Points ``(..., 3)`` in mm LPS of indices ``(..., 3)`` as ``(z, y, x)``."""
        return index_to_lps(self.affine, index, self.origins)

    def voxel_mm3(self) -> FloatArray:
        """Volume ``(z,)`` of a voxel of each slice.

        An uneven slice reaches half-way to its neighbours, the outermost as far out as in.
        """
        a = self.affine
        if self.origins is None or self.slices < 2:
            return np.full(self.slices, abs(float(np.linalg.det(a[:3, :3]))))
        area = float(np.linalg.norm(np.cross(a[:3, 0], a[:3, 1])))
        gaps = np.abs(np.diff(slice_positions(a, self.slices, self.origins)))
        thick = np.concatenate([gaps[:1], (gaps[1:] + gaps[:-1]) / 2, gaps[-1:]])
        return np.asarray(area * thick)

    def in_plane(self) -> FloatArray:
        """Two unit vectors ``(2, 3)`` in mm LPS that span a slice, at a right angle."""
        u = self.affine[:3, 0] / np.linalg.norm(self.affine[:3, 0])
        v = self.affine[:3, 1] - (self.affine[:3, 1] @ u) * u
        return np.stack([u, v / np.linalg.norm(v)])

    @property
    def normal(self) -> FloatArray:
        """Unit vector ``(3,)`` of a slice, towards higher indices."""
        n = np.cross(self.affine[:3, 0], self.affine[:3, 1])
        n = n / np.linalg.norm(n)
        return np.asarray(n if n @ self.affine[:3, 2] > 0 else -n)

    @property
    def diagonal_mm(self) -> float:
        """Diagonal of a voxel in mm: as far as a mask's outline can be wrong by its grid alone."""
        return float(np.linalg.norm(spacing(self.affine)))

    def plane_name(self) -> str:
        """'axial', 'coronal' or 'sagittal', with 'oblique ' before it beyond 10 degrees."""
        away = np.abs(self.normal)
        main = int(np.argmax(away))
        name = ("sagittal", "coronal", "axial")[main]
        return name if away[main] >= np.cos(np.radians(10)) else f"oblique {name}"
