"""Coarse: a volume small enough for a browser, by averaging blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GeometryError
from explorer.image import Image


@dataclass(frozen=True)
class Coarse:
    """A volume of block means.

    Attributes
    ----------
    values : ndarray, (z, y, x), int16 or float32
        In the image's units.
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    factor : tuple of int
        Voxels that were averaged, ``(z, y, x)``; what is left at the far edges of an axis that
        they do not divide is left out.
    even : bool
        False where slices are uneven: the affine then has their mean step.
    """

    values: NDArray[Any]
    affine: NDArray[np.float64]
    factor: tuple[int, int, int]
    even: bool


def coarse(image: Image, most: int = 2_000_000, *, time: int = 0) -> Coarse:
    """Average blocks of voxels until a volume has at most so many.

    It is read slab by slab, so that a big one never stands in memory whole. Values that are not
    finite count as nothing; a block of nothing else is the volume's least value.

    Parameters
    ----------
    image : Image
        ``(z, y, x)`` or ``(t, z, y, x)``.
    most : int
        Voxels of the result.
    time : int
        Time point of a ``(t, z, y, x)`` image.

    Returns
    -------
    Coarse

    Raises
    ------
    GeometryError
        The image is no volume.
    """
    if image.dims not in (("z", "y", "x"), ("t", "z", "y", "x")):
        raise GeometryError(
            f"An image of dims {image.dims}", expected="(z, y, x) or (t, z, y, x)",
            where=image.where,
        )  # fmt: skip
    z, y, x = image.shape[-3:]
    factor = _factor((z, y, x), _steps(image), most)
    slabs = []
    for start in range(0, z - factor[0] + 1, factor[0]):
        part: tuple[Any, ...] = (slice(start, start + factor[0]), slice(None), slice(None))
        slabs.append(_mean(image.read(part if len(image.dims) == 3 else (time, *part)), factor))
    values = np.stack(slabs)
    if not np.isfinite(values).all():
        finite = values[np.isfinite(values)]
        values = np.where(np.isfinite(values), values, finite.min() if finite.size else 0)
    if image.value_dtype == np.int16:
        values = np.rint(values).astype(np.int16)
    affine = _affine(image)
    scale = np.diag([*factor[::-1], 1.0])
    scale[:3, 3] = [(f - 1) / 2 for f in factor[::-1]]  # the centre of a block is between voxels
    return Coarse(values, affine @ scale, factor, image.slice_origins is None)


def _steps(image: Image) -> tuple[float, ...]:
    return tuple(np.linalg.norm(_affine(image)[:3, :3], axis=0)[::-1])


def _factor(
    shape: tuple[int, int, int], steps: tuple[float, ...], most: int
) -> tuple[int, int, int]:
    """Blocks that come closest to cubes: the axis with the finest step is halved first."""
    factor = [1, 1, 1]
    while np.prod([n // f for n, f in zip(shape, factor, strict=True)]) > most:
        can = [k for k in range(3) if shape[k] // (factor[k] + 1) > 0]
        axis = min(can, key=lambda k: factor[k] * steps[k])
        factor[axis] += 1
    return factor[0], factor[1], factor[2]


def _mean(slab: NDArray[Any], factor: tuple[int, int, int]) -> NDArray[np.float32]:
    _, fy, fx = factor
    rows, cols = slab.shape[1] // fy, slab.shape[2] // fx
    blocks = slab[:, : rows * fy, : cols * fx].reshape(slab.shape[0], rows, fy, cols, fx)
    numbers = blocks.astype(np.float32, copy=False)
    finite = np.isfinite(numbers)
    if finite.all():
        return np.asarray(numbers.mean(axis=(0, 2, 4)), np.float32)
    total = np.where(finite, numbers, 0).sum(axis=(0, 2, 4))
    count = finite.sum(axis=(0, 2, 4))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _affine(image: Image) -> NDArray[np.float64]:
    affine = np.array(image.affine, float)
    origins = image.slice_origins
    if origins is not None and len(origins) > 1:
        affine[:3, 2] = (origins[-1] - origins[0]) / (len(origins) - 1)
        affine[:3, 3] = origins[0]
    return affine
