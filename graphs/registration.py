"""Registration: a rigid move from one image to another, and whether to trust it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Registration:
    """Where the points of one image lie in another one.

    Attributes
    ----------
    fixed, moving : str
        Addresses without key and version, or what the caller calls the two.
    matrix : ndarray, (4, 4), float64
        Takes a point ``(x, y, z, 1)`` of the fixed image to the moving one, mm LPS.
    metric : str
        'mattes mutual information' or 'correlation'.
    before, after : float
        The metric at the images' own geometry and at the end; higher is better, whatever sign
        the optimiser uses.
    overlap : float
        Part of the fixed image that the moving one covers after the move.
    inverse_error_mm : float or None
        Farthest that a corner of the fixed image lands from itself when it goes to the moving
        image and back by a second registration with the roles changed.
    trusted : bool
    reason : str
        Why, or why not.
    seed : int
    detail : dict
        JSON-able: samples, levels, iterations, grids that were made even.
    """

    fixed: str
    moving: str
    matrix: NDArray[np.float64]
    metric: str
    before: float
    after: float
    overlap: float
    inverse_error_mm: float | None
    trusted: bool
    reason: str
    seed: int = 0
    detail: dict[str, object] = field(default_factory=dict)

    def to_moving(self, points: ArrayLike) -> NDArray[np.float64]:
        """Points ``(..., 3)`` of the fixed image in the moving one, mm LPS."""
        return _moved(self.matrix, points)

    def to_fixed(self, points: ArrayLike) -> NDArray[np.float64]:
        """Points ``(..., 3)`` of the moving image in the fixed one, mm LPS."""
        return _moved(np.linalg.inv(self.matrix), points)

    @property
    def shift_mm(self) -> NDArray[np.float64]:
        """The translation, (3,) mm LPS."""
        return np.asarray(self.matrix[:3, 3])

    @property
    def angle_deg(self) -> float:
        """The angle of the rotation, degrees."""
        cosine = (np.trace(self.matrix[:3, :3]) - 1) / 2
        return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _moved(matrix: NDArray[Any], points: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(np.asarray(points, float) @ matrix[:3, :3].T + matrix[:3, 3])
