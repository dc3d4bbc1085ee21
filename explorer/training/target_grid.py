"""target_grid: the grid that a volume is resampled onto for training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GeometryError
from explorer.image import Image
from explorer.space import spacing
from explorer.training.settings import Settings

FloatArray = NDArray[np.float64]
Shape = tuple[int, int, int]

_AXES = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "S": (2, 1), "I": (2, -1)}


@dataclass(frozen=True)
class TargetGrid:
    """A grid, and where its voxels lie.

    Attributes
    ----------
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    shape : tuple of int
        ``(z, y, x)``.
    slice_origins : ndarray, (z, 3), or None
        mm LPS of uneven slices that were kept as they are.
    kept : bool
        Whether it is the source's own grid.
    """

    affine: FloatArray
    shape: Shape
    slice_origins: FloatArray | None
    kept: bool


def target_grid(image: Image, settings: Settings) -> TargetGrid:
    """Lay the grid for an image.

    It covers the same space: the outer edges of the first voxels coincide, and the last voxel
    ends within half a new voxel of the source's edge.

    Parameters
    ----------
    image : Image
        With a z axis, or a single plane.
    settings : Settings

    Returns
    -------
    TargetGrid

    Raises
    ------
    GeometryError
        Uneven slices are to be turned without being resampled.
    """
    shape = volume_shape(image)
    affine, origins = image.affine, image.slice_origins
    if origins is not None and (settings.spacing or settings.orientation):
        if settings.spacing is None:
            raise GeometryError(
                "Its slices are uneven, and cannot be turned without being resampled",
                expected="a spacing, or no orientation",
                where=image.where,
            )
        affine = _even(affine, origins)
    if settings.orientation is not None:
        affine, shape = _turn(affine, shape, settings.orientation)
    if settings.spacing is not None:
        affine, shape = _scale(affine, shape, settings.spacing)
    kept = shape == volume_shape(image) and np.array_equal(affine, image.affine)
    return TargetGrid(affine, shape, origins if kept else None, kept)


def volume_shape(image: Image) -> Shape:
    """Shape ``(z, y, x)`` of an image; a plane is one slice."""
    shape: Any = image.shape if len(image.shape) == 3 else (1, *image.shape)
    return tuple(shape)


def _even(affine: FloatArray, origins: FloatArray) -> FloatArray:
    """The straight line through the first and the last slice."""
    out = affine.copy()
    out[:3, 3] = origins[0]
    if len(origins) > 1:
        out[:3, 2] = (origins[-1] - origins[0]) / (len(origins) - 1)
    return out


def _turn(affine: FloatArray, shape: Shape, letters: str) -> tuple[FloatArray, Shape]:
    from scipy.optimize import linear_sum_assignment

    counts = shape[::-1]
    cosines = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    # each patient axis gets the array axis that lies nearest to it, and no axis two
    nearest = dict(zip(*linear_sum_assignment(-abs(cosines)), strict=True))
    out = np.eye(4)
    out[:3, 3] = affine[:3, 3]
    size = []
    for column, letter in enumerate(letters):
        axis, sign = _AXES[letter]
        source = nearest[axis]
        step, count = affine[:3, source], counts[source]
        if step[axis] * sign < 0:
            out[:3, 3] += step * (count - 1)
            step = -step
        out[:3, column] = step
        size.append(count)
    x, y, z = size
    return out, (z, y, x)


def _scale(
    affine: FloatArray, shape: Shape, wanted: tuple[float, float, float]
) -> tuple[FloatArray, Shape]:
    before = spacing(affine)
    out = affine.copy()
    size = []
    for k, (n, old, new) in enumerate(zip(shape, before, wanted, strict=True)):
        column = 2 - k
        if n == 1 and k == 0:  # a single plane has no depth to speak of
            size.append(1)
            continue
        direction = affine[:3, column] / old
        out[:3, column] = direction * new
        out[:3, 3] += direction * (new - old) / 2
        size.append(max(1, round(n * old / new)))
    z, y, x = size
    return out, (z, y, x)
