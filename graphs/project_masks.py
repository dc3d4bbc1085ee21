"""Project masks: what of a picture lies in front of or behind a structure."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from explorer.segmentation import Segmentation
from graphs.crossed_cells import crossed_cells
from graphs.projection import Projection
from graphs.ray_grid import Aligned
from graphs.structures import Structures

_TOUCHED_MM = 1e-6  # less than this of a voxel is its border, not a way through it


def project_masks(projection: Projection, structures: Structures | Segmentation) -> xr.DataArray:
    """Project the masks of a segmentation onto a picture.

    A pixel is in where its ray passes through any voxel of the mask: the same rays as those of
    the picture itself. The masks may have another grid than the CT.

    Parameters
    ----------
    projection : Projection
    structures : Structures or Segmentation
        `Structures` where several views are made, so that masks are read once.

    Returns
    -------
    xarray.DataArray
        bool, ``(label, y, x)``; coordinates in mm as `Projection.data`.
    """
    of = structures if isinstance(structures, Structures) else Structures.of(structures)
    aligned = of.grid.aligned(projection.frame)
    found = _any_along(of, aligned) if aligned else _any_crossed(of, projection)
    coords = {name: projection.data.coords[name] for name in ("y", "x")}
    attrs = {"made_from": of.made_from, "projected_by": projection.made_from}
    return xr.DataArray(
        found, {"label": list(of.labels), **coords}, ("label", "y", "x"), "masks", attrs
    )


def _any_along(of: Structures, aligned: Aligned) -> NDArray[np.bool_]:
    from scipy.ndimage import find_objects

    kept = [n for axis, n in enumerate(of.grid.shape) if axis != aligned.axis]
    found = np.zeros((len(of.labels), *kept), bool)
    for one in of.maps:
        for number, box in enumerate(find_objects(one), 1):
            if box is not None:
                flat = tuple(part for axis, part in enumerate(box) if axis != aligned.axis)
                found[number - 1][flat] = (one[box] == number).any(axis=aligned.axis)
    return aligned.picture(found)


def _any_crossed(of: Structures, projection: Projection) -> NDArray[np.bool_]:
    points, directions = projection.frame.rays()
    grid = of.grid
    # row 0 takes what lies in no structure
    found = np.zeros((len(of.labels) + 1, len(points)), bool)
    every = np.arange(len(points))
    for slab in crossed_cells(grid.to_index(points), grid.step(directions), grid.shape):
        rays = every[slab.rays]
        for one in of.maps:
            layer = np.take(one, slab.index, axis=slab.axis)
            if not layer.any():
                continue
            plane = np.pad(layer, 1).ravel()
            for cells, lengths in zip(slab.cells, slab.lengths, strict=True):
                numbers = plane[cells]
                hit = np.flatnonzero(numbers)
                hit = hit[lengths[hit] > _TOUCHED_MM]
                found[numbers[hit], rays[hit]] = True
    return found[1:].reshape(len(of.labels), *projection.frame.shape)
