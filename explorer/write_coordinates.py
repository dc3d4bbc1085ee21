"""Coordinates of an item's grid, as small arrays beside the pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from explorer.space import axis_coordinates


def write_small(group: zarr.Group, name: str, values: NDArray[Any], dims: tuple[str, ...]) -> None:
    """Write an array that is one chunk, uncompressed (it lands in the manifest itself)."""
    array = group.create_array(
        name,
        shape=values.shape,
        chunks=tuple(max(1, n) for n in values.shape),
        dtype=values.dtype,
        compressors=None,
        dimension_names=dims,
    )
    array[...] = values


def write_coordinates(
    group: zarr.Group,
    dims: tuple[str, ...],
    shape: tuple[int, ...],
    affine: NDArray[np.float64],
    slice_origins: NDArray[np.float64] | None,
) -> None:
    """Write the coordinates in mm along the array's own axes, and uneven slices' origins.

    Parameters
    ----------
    group : zarr.Group
        Of the item.
    dims, shape
        Of the pixels; the last two are ``y, x``.
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    slice_origins : ndarray, (z, 3), or None
        mm LPS.
    """
    y, x = shape[-2:]
    z = shape[dims.index("z")] if "z" in dims else 1
    for name, values in axis_coordinates(affine, (z, y, x), slice_origins).items():
        if name in dims:
            write_small(group, name, values, (name,))
    if slice_origins is not None:
        write_small(group, "slice_origins", np.asarray(slice_origins, float), ("z", "lps"))
