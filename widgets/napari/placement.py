"""Placement: how an array is laid into the axes of a napari viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from explorer.space import FloatArray


@dataclass(frozen=True)
class Placement:
    """Where a layer lies, and how it is turned back into the array that it shows.

    napari slices along the axes of its world and cannot swap them: the axes of a sagittal or
    coronal series are put into the order of the world's first.

    Attributes
    ----------
    order : tuple of int
        Axis of the array ``(z, y, x)`` for each axis of the layer.
    affine : ndarray, (4, 4), float64
        Index of the layer, in its own order, to the world's three axes in mm.
    lean_mm : float
        How far, at most, a voxel is drawn from its place in a plane of the viewer: 0 where the
        voxel axes are the world's. In three dimensions it is drawn in its place.
    uneven_mm : float
        How far, at most, a slice lies from where even steps put it; napari has no others.
    """

    order: tuple[int, int, int]
    affine: FloatArray
    lean_mm: float = 0.0
    uneven_mm: float = 0.0

    def to_world(self, index: ArrayLike) -> FloatArray:
        """Indices ``(..., 3)`` as ``(z, y, x)`` of the array to places in the world, mm."""
        own = np.asarray(index, float)[..., list(self.order)]
        return np.asarray(own @ self.affine[:3, :3].T + self.affine[:3, 3])

    def to_index(self, world: ArrayLike) -> FloatArray:
        """Places ``(..., 3)`` in the world to fractional indices ``(z, y, x)`` of the array."""
        inverse = np.linalg.inv(self.affine)
        own = np.asarray(world, float) @ inverse[:3, :3].T + inverse[:3, 3]
        return np.asarray(own[..., np.argsort(self.order)])

    def turned_back_index(self, index: ArrayLike) -> tuple[int, ...]:
        """An index of the layer as an index ``(z, y, x)`` of the array."""
        own = np.asarray(index)
        return tuple(int(own[axis]) for axis in np.argsort(self.order))

    def turned(self, array: Any) -> Any:
        """Put the last three axes of an array, ``(z, y, x)``, into the layer's order."""
        lead = array.ndim - 3
        return array.transpose((*range(lead), *(lead + axis for axis in self.order)))

    def turned_back(self, array: Any) -> Any:
        """Undo `turned`."""
        lead = array.ndim - 3
        return array.transpose((*range(lead), *(lead + int(a) for a in np.argsort(self.order))))

    @property
    def note(self) -> str:
        """What a reader of the picture must know of its geometry; empty where it is exact."""
        said = []
        if self.lean_mm >= 0.1:
            said.append(
                f"its axes are not the viewer's: in 2D it is drawn up to {self.lean_mm:.1f} mm "
                "off, in 3D in its place"
            )
        if self.uneven_mm >= 0.1:
            said.append(
                f"its slices are uneven: drawn as even, they are up to {self.uneven_mm:.1f} mm off"
            )
        return "; ".join(said)
