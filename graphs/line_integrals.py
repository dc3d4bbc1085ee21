"""Line integrals: how much each ray of a picture loses on its way through a CT."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.attenuation import MU_WATER, attenuation
from graphs.crossed_cells import crossed_cells
from graphs.ray_grid import Aligned, RayGrid
from graphs.view_frame import ViewFrame

_AIR = -1000


def line_integrals(
    hu: NDArray[Any], grid: RayGrid, frame: ViewFrame, mu_water: float = MU_WATER
) -> NDArray[np.float32]:
    """Beer-Lambert: the integral of the attenuation along each ray, in mm along the ray.

    Exact for voxels as boxes of one value each, in every direction; where the rays follow a voxel
    axis it is a sum.

    Parameters
    ----------
    hu : ndarray, (z, y, x)
        HU.
    grid : RayGrid
        Of `hu`, its `RayGrid.layers` taken.
    frame : ViewFrame
    mu_water : float
        Per mm.

    Returns
    -------
    ndarray, (y, x), float32
        Without unit: ``-log(I / I0)``.
    """
    aligned = grid.aligned(frame)
    if aligned is not None:
        return _summed(hu, grid, aligned, mu_water)
    points, directions = frame.rays()
    found = np.zeros(len(points))
    plane_of: tuple[int, int] | None = None
    plane = np.zeros(0, np.float32)
    for slab in crossed_cells(grid.to_index(points), grid.step(directions), grid.shape):
        if plane_of != (slab.axis, slab.index):
            plane_of = slab.axis, slab.index
            layer = np.take(hu, slab.index, axis=slab.axis)
            plane = np.pad(attenuation(layer, mu_water), 1).ravel()
        for cells, lengths in zip(slab.cells, slab.lengths, strict=True):
            found[slab.rays] += plane[cells] * lengths
    return found.reshape(frame.shape).astype(np.float32)


def _summed(
    hu: NDArray[Any], grid: RayGrid, aligned: Aligned, mu_water: float
) -> NDArray[np.float32]:
    count = hu.shape[aligned.axis]
    step_mm = float(np.linalg.norm(grid.affine[:3, 2 - aligned.axis]))
    # HU + 1000 is whole and at most 32 bits in all; mu is a multiple of it
    kind = np.int64 if np.issubdtype(hu.dtype, np.integer) else np.float64
    if aligned.axis == 0:
        total = np.zeros(hu.shape[1:], kind)
        for layer in hu:
            total += np.maximum(layer, _AIR)
    else:
        axis = aligned.axis - 1
        narrow = np.int32 if kind is np.int64 and hu.dtype.itemsize <= 2 else kind
        rows = [np.maximum(layer, _AIR).sum(axis=axis, dtype=narrow) for layer in hu]
        total = np.stack(rows)
    mu_mm = (total + float(-_AIR * count)) * (mu_water / 1000 * step_mm)
    return np.ascontiguousarray(aligned.picture(mu_mm), np.float32)
