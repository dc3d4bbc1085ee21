"""resample_linear: a volume interpolated onto another grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.space import along_axes, planes

FloatArray = NDArray[np.float64]

_EDGE = 1e-6  # voxels: where grids share an edge, rounding must not open a gap


def resample_linear(
    values: NDArray[Any],
    affine: ArrayLike,
    target_affine: ArrayLike,
    target_shape: tuple[int, int, int],
    fill: float = 0,
    origins: FloatArray | None = None,
) -> NDArray[np.float32]:
    """Interpolate each voxel of a target grid in another grid; `fill` outside of its voxels.

    Trilinear, without smoothing before: a much coarser target grid aliases. Within half a voxel
    of the outermost centres the value is that of the edge.

    Parameters
    ----------
    values : ndarray, (z, y, x)
    affine, target_affine : array_like, (4, 4)
    target_shape : tuple of int
        ``(z, y, x)``.
    fill : float
        For places outside of `values`.
    origins : ndarray, (z, 3), or None
        As in `resample_nearest`.

    Returns
    -------
    ndarray, target_shape, float32
    """
    straight = along_axes(affine, target_affine, target_shape) if origins is None else None
    if straight is not None:
        order, along = straight
        return _by_axes(np.asarray(values).transpose(order), along, fill)
    from scipy.ndimage import map_coordinates

    out = np.empty(target_shape, np.float32)
    limit = np.asarray(values.shape)
    source = np.asarray(values, np.float32)
    for k, at in enumerate(planes(affine, target_affine, target_shape, origins)):
        outside = ((at < -0.5 - _EDGE) | (at > limit - 0.5 + _EDGE)).any(axis=-1)
        clipped = np.moveaxis(np.clip(at, 0, limit - 1), -1, 0)
        out[k] = map_coordinates(source, clipped, np.float32, order=1, mode="nearest")
        out[k][outside] = fill
    return out


def _by_axes(values: NDArray[Any], along: list[FloatArray], fill: float) -> NDArray[np.float32]:
    """Linear interpolation one axis after the other, which trilinear is where the axes agree."""
    found = values
    outside = []
    # the axis that shrinks the most goes first
    for axis in sorted(range(3), key=lambda k: len(along[k]) / values.shape[k]):
        at, n = along[axis], values.shape[axis]
        outside.append((axis, (at < -0.5 - _EDGE) | (at > n - 0.5 + _EDGE)))
        clipped = np.clip(at, 0, n - 1)
        below = np.minimum(np.floor(clipped).astype(np.int64), max(n - 2, 0))
        part = (clipped - below).astype(np.float32)
        if part.any():
            part = part.reshape([-1 if k == axis else 1 for k in range(3)])
            low = found.take(below, axis).astype(np.float32)
            high = found.take(np.minimum(below + 1, n - 1), axis)
            found = low + (high - low) * part
        elif len(below) != n or (below != np.arange(n)).any():
            found = found.take(below, axis)
    out = np.array(found, np.float32)
    for axis, gone in outside:
        out[(slice(None),) * axis + (gone,)] = fill
    return out
