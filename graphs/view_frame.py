"""ViewFrame: the detector of a projection and its rays, in the patient's space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphs.view_axes import FloatArray, Side

Shape = Literal["parallel", "cone"]


@dataclass(frozen=True)
class ViewFrame:
    """Where each pixel's ray goes.

    Pixels lie on the plane through `centre` that faces the viewer, so that a millimetre of the
    picture is a millimetre there; a real detector stands farther from the source, and its own
    pixels are `magnification` times as large.

    Attributes
    ----------
    axes : ndarray, (3, 3)
        As in `view_axes`: right, down, away from the viewer; LPS.
    centre : ndarray, (3,)
        mm LPS: on the axis of the beam, and the middle of the picture.
    shape : tuple of int
        ``(y, x)`` pixels.
    spacing : tuple of float
        mm ``(y, x)`` on the plane through `centre`.
    geometry : {'parallel', 'cone'}
    side : {'near', 'far'}
        Of the X-ray source; 'near' is the viewer's side.
    source_mm : float
        From the source to `centre`; of a cone.
    detector_mm : float
        From the source to the detector; of a cone.
    """

    axes: NDArray[np.float64]
    centre: NDArray[np.float64]
    shape: tuple[int, int]
    spacing: tuple[float, float]
    geometry: Shape = "parallel"
    side: Side = "far"
    source_mm: float = 1500.0
    detector_mm: float = 1800.0

    @property
    def magnification(self) -> float:
        """Of what lies in the plane through `centre`, on the detector."""
        return self.detector_mm / self.source_mm if self.geometry == "cone" else 1.0

    @property
    def source(self) -> FloatArray | None:
        """The X-ray source in mm LPS; None of parallel rays."""
        if self.geometry == "parallel":
            return None
        sign = -1.0 if self.side == "near" else 1.0
        return np.asarray(self.centre + sign * self.source_mm * self.axes[2])

    @property
    def affine(self) -> FloatArray:
        """Index ``(x, y, 0, 1)`` to mm LPS on the plane through `centre`, (4, 4)."""
        found = np.eye(4)
        found[:3, 0] = self.axes[0] * self.spacing[1]
        found[:3, 1] = self.axes[1] * self.spacing[0]
        found[:3, 2] = self.axes[2]
        y, x = ((n - 1) / 2 for n in self.shape)
        found[:3, 3] = self.centre - x * found[:3, 0] - y * found[:3, 1]
        return found

    def points(self, pixels: ArrayLike) -> FloatArray:
        """Pixels ``(..., 2)`` as ``(y, x)`` to mm LPS on the plane through `centre`."""
        at = np.asarray(pixels, float)
        affine = self.affine
        return np.asarray(at[..., ::-1] @ affine[:3, :2].T + affine[:3, 3])

    def rays(self, pixels: ArrayLike | None = None) -> tuple[FloatArray, FloatArray]:
        """Rays in the direction in which the X-rays go.

        Parameters
        ----------
        pixels : array_like, (n, 2), optional
            ``(y, x)``; all of them in C order by default.

        Returns
        -------
        points : ndarray, (n, 3)
            mm LPS, one on each ray.
        directions : ndarray, (n, 3) or (3,)
            Unit vectors; one for all where the rays are parallel.
        """
        if pixels is None:
            pixels = np.indices(self.shape).reshape(2, -1).T
        points = self.points(pixels)
        source = self.source
        if source is None:
            return points, self.axes[2] * (1.0 if self.side == "near" else -1.0)
        away = points - source
        return points, away / np.linalg.norm(away, axis=-1, keepdims=True)

    def pixels(self, points: ArrayLike) -> FloatArray:
        """Points ``(..., 3)`` in mm LPS to fractional pixels ``(..., 2)`` as ``(y, x)``.

        Raises nothing for points beside the picture: their pixels are outside of `shape`.
        """
        at = np.asarray(points, float)
        source = self.source
        if source is not None:
            away = at - source
            depth = away @ self.axes[2]
            reach = (self.centre - source) @ self.axes[2]
            at = source + away * (reach / depth)[..., None]
        offset = at - self.centre
        y = offset @ self.axes[1] / self.spacing[0] + (self.shape[0] - 1) / 2
        x = offset @ self.axes[0] / self.spacing[1] + (self.shape[1] - 1) / 2
        return np.stack([y, x], axis=-1)
