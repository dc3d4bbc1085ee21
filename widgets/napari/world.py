"""World: the axes of a viewer, in mm, that the layers of one patient share."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike

from explorer.space import FloatArray, index_to_lps
from widgets.napari.placement import Placement

_SNAP = 1e-2  # mm, as in `explorer.space.same_grid`: what leans by less lies straight
_STRAIGHT = 1e-3  # cosine error below which an axis counts as a patient axis
_REVERSED = np.eye(4)[[2, 1, 0, 3]]


@dataclass(frozen=True)
class World:
    """mm along z, y and x of the patient (LPS), or turned to lie along an oblique image.

    napari draws the planes of its own axes. An oblique image would be drawn there without its
    out-of-plane part, and a click would fall on another voxel than the one that is drawn: so the
    world is turned rigidly, by the smallest turn, onto the axes of the image that it is made for.

    Attributes
    ----------
    turn : ndarray, (3, 3), float64
        A rotation: mm LPS ``(x, y, z)`` to the world's own ``(x, y, z)``; identity where the
        image's axes are the patient's.
    """

    turn: FloatArray = field(default_factory=lambda: np.eye(3))

    @classmethod
    def along(cls, affine: ArrayLike) -> World:
        """The world in which an image lies straight.

        Parameters
        ----------
        affine : array_like, (4, 4)
            Index ``(x, y, z, 1)`` to mm LPS.
        """
        unit = _unit(affine)
        # of a sheared stack the rows and columns are kept, and the slices' normal
        normal = np.cross(unit[:, 0], unit[:, 1])
        normal *= np.sign(normal @ unit[:, 2])
        axes = np.column_stack([unit[:, 0], _upright(unit[:, 1], unit[:, 0]), normal])
        turn = np.zeros((3, 3))
        for lps, column in enumerate(_closest(axes)):
            turn[lps] = axes[:, column] * np.sign(axes[lps, column])
        if np.linalg.det(turn) < 0 or np.abs(turn - np.eye(3)).max() < _STRAIGHT:
            return cls()
        return cls(turn)

    @property
    def oblique(self) -> bool:
        """Whether its axes are not those of the patient."""
        return not np.array_equal(self.turn, np.eye(3))

    @property
    def axis_labels(self) -> tuple[str, str, str]:
        """Names of the axes: the patient's, or those of the image that it lies along."""
        return ("z'", "y'", "x'") if self.oblique else ("z", "y", "x")

    def of_lps(self, point: ArrayLike) -> FloatArray:
        """Points ``(..., 3)`` in mm LPS ``(x, y, z)`` to the world's axes ``(z, y, x)``."""
        return np.asarray((np.asarray(point, float) @ self.turn.T)[..., ::-1])

    def to_lps(self, world: ArrayLike) -> FloatArray:
        """Places ``(..., 3)`` on the world's axes ``(z, y, x)`` to mm LPS ``(x, y, z)``."""
        return np.asarray(np.asarray(world, float)[..., ::-1] @ self.turn)

    def place(
        self, affine: ArrayLike, shape: tuple[int, int, int], origins: FloatArray | None = None
    ) -> Placement:
        """Lay an array into the world.

        Parameters
        ----------
        affine : array_like, (4, 4)
            Index ``(x, y, z, 1)`` to mm LPS.
        shape : tuple of int
            ``(z, y, x)``.
        origins : ndarray, (z, 3), or None
            mm LPS of each slice's first voxel, where the slices are uneven or sheared.

        Returns
        -------
        Placement
        """
        full = np.eye(4)
        full[:3, :3] = self.turn
        matrix = full @ np.asarray(affine, float)  # index (x, y, z) to the world's (x, y, z)
        columns = _closest(_unit(matrix))[::-1]  # for the world's z, y, x the axis of the index
        order = (2 - columns[0], 2 - columns[1], 2 - columns[2])
        own = _REVERSED @ matrix[:, [*columns, 3]]
        extent = np.array([shape[axis] - 1 for axis in order], float)
        off = own[:3, :3] - np.diag(np.diag(own[:3, :3]))
        lean = float((np.abs(off) * extent).sum(axis=1).max())
        if lean < _SNAP:
            own[:3, :3] -= off
            lean = 0.0
        return Placement(order, own, lean, _uneven(np.asarray(affine, float), shape, origins))


def _unit(affine: ArrayLike) -> FloatArray:
    columns = np.asarray(affine, float)[:3, :3]
    return np.asarray(columns / np.linalg.norm(columns, axis=0))


def _upright(vector: FloatArray, on: FloatArray) -> FloatArray:
    left = vector - (vector @ on) * on
    return np.asarray(left / np.linalg.norm(left))


def _closest(unit: FloatArray) -> tuple[int, int, int]:
    """For each axis of space the column that runs along it, the best of the six pairings."""
    i, j, k = max(
        permutations(range(3)), key=lambda p: sum(abs(unit[lps, p[lps]]) for lps in range(3))
    )
    return i, j, k


def _uneven(affine: FloatArray, shape: tuple[int, int, int], origins: FloatArray | None) -> float:
    if origins is None:
        return 0.0
    even = index_to_lps(affine, [[k, 0, 0] for k in range(shape[0])])
    return float(np.linalg.norm(np.asarray(origins) - even, axis=1).max())
