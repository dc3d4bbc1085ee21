"""Crossed cells: the voxels that rays pass through, and how far in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True)
class Slab:
    """One layer of voxels along the axis that its rays mainly follow.

    Attributes
    ----------
    axis, index : int
        Of ``(z, y, x)``; the layer.
    rays : ndarray, (n,), or slice
        Which rays.
    cells : tuple of ndarray, (n,)
        Three times a flat index into the layer padded by one cell on each side: the voxels in
        the order of the axis. Beside the volume it is padding.
    lengths : tuple of ndarray, (n,)
        mm in each of the three; 0 where a ray meets fewer.
    """

    axis: int
    index: int
    rays: IntArray | slice
    cells: tuple[IntArray, IntArray, IntArray]
    lengths: tuple[FloatArray, FloatArray, FloatArray]


def crossed_cells(
    start: FloatArray, step: FloatArray, shape: tuple[int, int, int]
) -> Iterator[Slab]:
    """Walk along all rays at once, exactly: no ray is sampled.

    In a layer of voxels along the axis of its fastest index a ray passes at most one border of
    each of the other two axes, so three voxels are the most (the ray tracing of Siddon, Med Phys
    1985;12:252, a layer at a time instead of sorted by ray).

    Parameters
    ----------
    start : ndarray, (n, 3)
        A point of each ray as an index ``(z, y, x)``, voxel centres at integers.
    step : ndarray, (n, 3) or (3,)
        Index per mm along the ray.
    shape : tuple of int
        ``(z, y, x)``.

    Yields
    ------
    Slab
        Layers in the direction of a growing index.
    """
    count = len(start)
    steps = np.broadcast_to(step, (count, 3))
    main = np.argmax(np.abs(steps), axis=1)
    for axis in range(3):
        mine = np.flatnonzero(main == axis)
        if mine.size:
            rays = slice(None) if mine.size == count else mine
            yield from _along(axis, rays, start[mine], steps[mine], shape)


def _along(
    axis: int,
    rays: IntArray | slice,
    start: FloatArray,
    step: FloatArray,
    shape: tuple[int, int, int],
) -> Iterator[Slab]:
    p, q = (other for other in range(3) if other != axis)
    pace = step[:, axis]
    layer = 1 / np.abs(pace)
    slopes = step[:, p] / pace, step[:, q] / pace
    sizes = shape[p], shape[q]
    back = -0.5 - start[:, axis]
    at = [start[:, n] + back * slope for n, slope in zip((p, q), slopes, strict=True)]
    cell = [np.floor(place + 0.5) for place in at]
    for index in range(shape[axis]):
        # the border between the layers, from its number: nothing adds up on the way
        back = index + 0.5 - start[:, axis]
        ends = [start[:, n] + back * slope for n, slope in zip((p, q), slopes, strict=True)]
        nexts = [np.floor(place + 0.5) for place in ends]
        parts = [_crossing(*one) for one in zip(at, ends, cell, nexts, slopes, strict=True)]
        first, last = np.minimum(*parts), np.maximum(*parts)
        p_first = parts[0] < parts[1]
        between = np.where(p_first, nexts[0], cell[0]), np.where(p_first, cell[1], nexts[1])
        pairs = (cell[0], cell[1]), between, (nexts[0], nexts[1])
        flat = [_flat(p_cell, q_cell, sizes) for p_cell, q_cell in pairs]
        lengths = layer * first, layer * (last - first), layer * (1 - last)
        yield Slab(axis, index, rays, (flat[0], flat[1], flat[2]), lengths)
        at, cell = ends, nexts


def _crossing(
    begin: FloatArray, end: FloatArray, cell: FloatArray, after: FloatArray, slope: FloatArray
) -> FloatArray:
    """The part of the layer, 0 to 1, at which a border is passed; 1 where none is."""
    border = np.maximum(cell, after) - 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        part = (border - begin) / slope
    part = np.where(after == cell, 1.0, part)
    return np.clip(part, 0.0, 1.0, out=part)


def _flat(p: FloatArray, q: FloatArray, sizes: tuple[int, int]) -> IntArray:
    rows = np.clip(p, -1, sizes[0])
    rows += 1
    rows *= sizes[1] + 2
    rows += np.clip(q, -1, sizes[1])
    rows += 1
    return rows.astype(np.intp)
