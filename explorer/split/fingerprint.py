"""fingerprint: what stays of an image when it is cropped, resampled, windowed or mirrored."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from explorer.image import Image

Floats = NDArray[np.float32]

VOXEL_MM = 3.0
_HALF = 5  # of a described block: 11 voxels, 33 mm
_FREQUENCIES = {2: 7, 3: 5}  # and so many at the most along all axes together
_MOST = 160
_APART = 2  # voxels between two points
_SOFT_HU = (-300.0, 300.0)  # what a soft-tissue window leaves of a CT
_PLANE = 170  # pixels along the longer side of a picture whose pixels have no size
_FAINT = 0.01  # of the range of values


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """Points of an image, and what is around each.

    Attributes
    ----------
    exact : str
        sha256 of shape and values: the same pixels, whatever the file.
    points : ndarray of float32, (point, axis)
        mm from the first voxel along the array's own axes, ``(z, y, x)`` or ``(y, x)``.
    blocks : ndarray of float32, (point, coefficient)
        Low frequencies of a block of 33 mm around the point, of length 1: neither brightness nor
        contrast is in them.
    """

    exact: str
    points: Floats
    blocks: Floats

    @property
    def dims(self) -> int:
        """3 of a volume, 2 of a picture."""
        return int(self.points.shape[1])

    def __len__(self) -> int:
        return len(self.points)


def fingerprint_of(image: Image) -> Fingerprint:
    """Read an image once, and describe it.

    Of a time series the middle volume is described, of colours their mean.

    Parameters
    ----------
    image : Image

    Raises
    ------
    SourceChangedError, UntrustedError
        The pixels cannot be read.
    """
    index: list[int | slice] = [slice(None)] * len(image.shape)
    dims = list(image.dims)
    if "t" in dims:
        index[dims.index("t")] = image.shape[dims.index("t")] // 2
    values = image.read(tuple(index))
    left = [one for one in dims if one != "t"]
    if "c" in left:
        values = values.mean(axis=left.index("c"), dtype=np.float32)
    space = [one for one in left if one in "zyx"]
    spacing = image.spacing_mm if len(image.spacing_mm) == len(space) else ()
    return fingerprint(values, spacing, hounsfield=image.units == "HU")


def fingerprint(
    values: NDArray[np.generic], spacing_mm: Sequence[float] = (), *, hounsfield: bool = False
) -> Fingerprint:
    """Describe an array.

    Extrema of a difference of Gaussians (Lowe, IJCV 2004) on a grid of 3 mm; around each the low
    frequencies of a discrete cosine transform. There is no rotation in them: slices are axial or
    they are another picture.

    Parameters
    ----------
    values : ndarray, (z, y, x) or (y, x)
    spacing_mm : sequence of float
        Along the same axes; empty where nobody knows.
    hounsfield : bool
        Whether the values are HU; then what a soft-tissue window leaves is looked at.

    Returns
    -------
    Fingerprint
    """
    data = np.ascontiguousarray(values)
    if data.ndim == 3 and data.shape[0] == 1:
        data, spacing_mm = data[0], tuple(spacing_mm)[1:]
    exact = hashlib.sha256(f"{data.shape} {data.dtype.name}".encode())
    exact.update(data.data.cast("B"))
    grid = _on_grid(data, spacing_mm)
    whole = _clipped(grid, hounsfield)
    points = _points(whole)
    return Fingerprint(
        exact.hexdigest(), (points * VOXEL_MM).astype(np.float32), _blocks(whole, points)
    )


def mirrored(blocks: Floats, dims: int, axes: Sequence[int]) -> Floats:
    """Blocks as they would be of a mirrored image: odd frequencies change their sign.

    Parameters
    ----------
    blocks : ndarray, (point, coefficient)
    dims : int
    axes : sequence of int
        That are mirrored.
    """
    odd = np.array([sum(k[axis] for axis in axes) % 2 for k in _orders(dims)])
    return np.asarray(blocks * np.where(odd, -1, 1).astype(np.float32))


@lru_cache(maxsize=4)
def _orders(dims: int) -> tuple[tuple[int, ...], ...]:
    most = _FREQUENCIES[dims] - 1
    return tuple(k for k in product(range(most + 1), repeat=dims) if 0 < sum(k) <= most)


@lru_cache(maxsize=4)
def _waves(dims: int) -> Floats:
    """Cosines of a block, (block, coefficient); near the edge they weigh less."""
    size = 2 * _HALF + 1
    at = (np.arange(size) + 0.5) / size
    taper = np.exp(-0.5 * ((np.arange(size) - _HALF) / (0.6 * _HALF)) ** 2)
    cosines = [np.cos(np.pi * k * at) for k in range(_FREQUENCIES[dims])]
    found = []
    for orders in _orders(dims):
        wave = np.ones(())
        for k in orders:
            wave = np.multiply.outer(wave, cosines[k] * taper)
        found.append(wave.ravel())
    weight = np.ones(())
    for _ in range(dims):
        weight = np.multiply.outer(weight, taper)
    waves = np.stack(found, axis=1)
    # without the weighted mean brightness would come in by the taper
    waves -= np.outer(weight.ravel(), waves.sum(axis=0)) / weight.sum()
    return np.asarray(waves / np.linalg.norm(waves, axis=0), np.float32)


def _on_grid(data: NDArray[np.generic], spacing_mm: Sequence[float]) -> Floats:
    """Means over blocks, then linear between them: 3 mm a voxel."""
    from scipy.ndimage import zoom

    known = len(spacing_mm) == data.ndim and all(0 < one < 1000 for one in spacing_mm)
    spacing = np.array(spacing_mm if known else [1.0] * data.ndim, float)
    if not known:  # the longer side gets a size that most pictures have
        spacing *= _PLANE * VOXEL_MM / max(data.shape)
    for axis in range(data.ndim):
        factor = max(1, int(VOXEL_MM / spacing[axis] + 0.25))
        length = data.shape[axis] // factor
        if factor > 1 and length:
            cut = np.take(data, range(length * factor), axis) if (
                length * factor != data.shape[axis]) else data  # fmt: skip
            shape = (*cut.shape[:axis], length, factor, *cut.shape[axis + 1 :])
            data = cut.reshape(shape).mean(axis=axis + 1, dtype=np.float32)
            spacing[axis] *= factor
    fine = np.nan_to_num(data.astype(np.float32, copy=False))
    zooms = [max(1, round(n * s / VOXEL_MM)) / n for n, s in zip(fine.shape, spacing, strict=True)]
    return np.asarray(zoom(fine, zooms, order=1, grid_mode=True, mode="nearest"), np.float32)


def _clipped(grid: Floats, hounsfield: bool) -> Floats:
    low, high = _SOFT_HU if hounsfield else np.percentile(grid, (1, 99.5))
    if not high > low:
        return np.zeros_like(grid)
    return np.asarray((np.clip(grid, low, high) - low) / (high - low), np.float32)


def _points(whole: Floats) -> NDArray[np.int64]:
    """Where the image is most unlike what is around, the strongest first."""
    from scipy.ndimage import gaussian_filter, maximum_filter

    if min(whole.shape) < 2:
        return np.zeros((0, whole.ndim), np.int64)
    unlike = np.abs(gaussian_filter(whole, 1.0) - gaussian_filter(whole, 2.0))
    top = (unlike == maximum_filter(unlike, 2 * _APART + 1)) & (unlike > _FAINT)
    for axis, length in enumerate(whole.shape):  # at an edge the crop is seen, not the patient
        edge = min(2, (length - 1) // 2)
        for side in (slice(0, edge), slice(length - edge, length)):
            where: list[slice] = [slice(None)] * whole.ndim
            where[axis] = side
            top[tuple(where)] = False
    found = np.argwhere(top)
    order = np.argsort(-unlike[top], kind="stable")[:_MOST]
    return found[order].astype(np.int64)


def _blocks(whole: Floats, points: NDArray[np.int64]) -> Floats:
    from scipy.ndimage import gaussian_filter

    dims = whole.ndim
    waves = _waves(dims)
    if not len(points):
        return np.zeros((0, waves.shape[1]), np.float32)
    smooth = np.pad(gaussian_filter(whole, 0.7), _HALF, mode="edge")
    size = 2 * _HALF + 1
    windows = np.lib.stride_tricks.sliding_window_view(smooth, (size,) * dims)
    blocks = windows[tuple(points.T)].reshape(len(points), -1) @ waves
    length = np.linalg.norm(blocks, axis=1, keepdims=True)
    return np.asarray(blocks / np.maximum(length, 1e-6), np.float32)
