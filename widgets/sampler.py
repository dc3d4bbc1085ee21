"""Values at any places of a volume, out of the chunks that lie around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import lps_to_index
from widgets.chunk_cache import ChunkCache
from widgets.chunked_array import ChunkedArray, Index
from widgets.lattice import Lattice

FloatArray = NDArray[np.float64]

_MOST_HELD = 1 << 29  # bytes of a volume that is read whole for a projection


class Sampler:
    """Looks values up between voxels.

    Between voxel centres values are linear (or the nearest voxel's); between slices that are
    uneven or sheared, on straight lines from slice to slice, as `explorer.space` has it. Where no
    slice was taken there is no value: the rule is that of the slice view.

    Parameters
    ----------
    image : Image
        ``(z, y, x)`` or ``(t, z, y, x)``.
    cache : ChunkCache, optional
        Of decoded chunks.

    Raises
    ------
    GeometryError
        The image is no volume of grey values.
    """

    def __init__(self, image: Image, cache: ChunkCache | None = None) -> None:
        if image.dims not in (("z", "y", "x"), ("t", "z", "y", "x")):
            raise GeometryError(
                f"A picture with the dims {image.dims} has no planes but its own",
                expected="a volume (z, y, x) or (t, z, y, x)",
                where=image.where,
            )
        self.image = image
        self.lattice = Lattice(image.affine, image.shape[-3:], image.slice_origins)
        self.times = image.shape[0] if image.dims[0] == "t" else 1
        self._array = ChunkedArray(
            image.stored, ChunkCache() if cache is None else cache, image.where
        )
        self._held: tuple[int, NDArray[Any]] | None = None

    def at(self, points: ArrayLike, time: int = 0, *, order: int = 1) -> NDArray[np.float32]:
        """Values at points.

        Parameters
        ----------
        points : array_like, (..., 3)
            mm LPS.
        time : int
            Time point; ignored where there is one.
        order : {0, 1}
            The nearest voxel's, or linear.

        Returns
        -------
        ndarray, (...), float32
            In the image's units; NaN where nothing was taken.

        Raises
        ------
        GeometryError
            There is no such time point.
        """
        if not 0 <= time < self.times:
            raise GeometryError(f"Time {time}", expected=f"0 to {self.times - 1}")
        xyz = np.asarray(points, float)
        flat = xyz.reshape(-1, 3)
        out = np.full(len(flat), np.nan, np.float32)
        voxel, inside = self.lattice.nearest(flat)
        if order:
            index = lps_to_index(self.lattice.affine, flat[inside], self.lattice.origins)
            limit = np.asarray(self.lattice.shape) - 1
            out[inside] = self._linear(np.clip(index, 0, limit), time)
        else:
            out[inside] = self._nearest(voxel[inside], time)
        return out.reshape(xyz.shape[:-1])

    def hold(self, time: int = 0) -> bool:
        """Read the whole volume into memory, for projections; False where it is too large."""
        size = int(np.prod(self.lattice.shape)) * self.image.value_dtype.itemsize
        if size > _MOST_HELD:
            return False
        if self._held is None or self._held[0] != time:
            self._held = None  # not both at once
            self._held = (time, self.whole(time))
        return True

    def whole(self, time: int = 0) -> NDArray[Any]:
        """All values ``(z, y, x)``, int16 or float32."""
        z, y, x = self.lattice.shape
        return self._box((0, 0, 0), (z, y, x), time)

    def index(self, point: ArrayLike) -> FloatArray:
        """Fractional voxel index ``(z, y, x)`` of a point in mm LPS."""
        return lps_to_index(self.lattice.affine, point, self.lattice.origins)

    def _linear(self, index: FloatArray, time: int) -> NDArray[np.float32]:
        from scipy.ndimage import map_coordinates

        out = np.empty(len(index), np.float32)
        base = index.astype(np.int64)
        for where, low in _by_block(base, self._blocks(time)):
            here = index[where]
            high = np.minimum(base[where].max(axis=0) + 2, self.lattice.shape)
            box = self._box(tuple(low), tuple(high), time)
            # float32 would round what lies between large numbers in float64 differently
            out[where] = map_coordinates(
                box, (here - low).T, np.float32, order=1, mode="nearest", prefilter=False
            )
        return out

    def _nearest(self, voxel: NDArray[np.int64], time: int) -> NDArray[np.float32]:
        out = np.empty(len(voxel), np.float32)
        for where, low in _by_block(voxel, self._blocks(time)):
            here = voxel[where]
            box = self._box(tuple(low), tuple(here.max(axis=0) + 1), time)
            out[where] = box[tuple((here - low).T)]
        return out

    def _blocks(self, time: int) -> tuple[int, ...]:
        held = self._held is not None and self._held[0] == time
        return self.lattice.shape if held else self._array.chunks[-3:]

    def _box(self, low: tuple[int, ...], high: tuple[int, ...], time: int) -> NDArray[Any]:
        box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        if self._held is not None and self._held[0] == time:
            return self._held[1][box]
        index: Index = (time, *box) if self.image.dims[0] == "t" else box
        stored = self._array.read(index)
        return self.image.to_values(stored, box[0], time if self.image.dims[0] == "t" else None)


class MaskSampler:
    """Whether places lie in the segments of a segmentation: the nearest voxel of its own grid.

    Parameters
    ----------
    segmentation : Segmentation
    cache : ChunkCache
    """

    def __init__(self, segmentation: Segmentation, cache: ChunkCache) -> None:
        self._array = ChunkedArray(segmentation.stored, cache, segmentation.where, sparse=True)
        self._least = (segmentation.fraction_max or 1) / 2
        z, y, x = segmentation.shape[-3:]
        self._lattice = Lattice(segmentation.affine, (z, y, x), segmentation.slice_origins)

    def at(self, points: ArrayLike, position: int) -> NDArray[np.bool_]:
        """Whether points ``(..., 3)`` in mm LPS lie in the segment of a position."""
        xyz = np.asarray(points, float)
        voxel, inside = self._lattice.nearest(xyz.reshape(-1, 3))
        hit = voxel[inside]
        found = np.zeros(len(hit), bool)
        for where, low in _by_block(hit, self._array.chunks[-3:]):
            here = hit[where]
            high = here.max(axis=0) + 1
            part: Index = (
                position,
                *(slice(int(a), int(b)) for a, b in zip(low, high, strict=True)),
            )
            if self._array.has(part):
                stored = self._array.read(part)[tuple((here - low).T)]
                found[where] = stored if stored.dtype == bool else stored >= self._least
        out = np.zeros(len(inside), bool)
        out[inside] = found
        return out.reshape(xyz.shape[:-1])


def _by_block(
    voxel: NDArray[np.int64], blocks: tuple[int, ...]
) -> Iterator[tuple[NDArray[np.intp] | slice, NDArray[np.int64]]]:
    """Places of one block of chunks after the other, each with the lowest voxel among them."""
    if not len(voxel):
        return
    block = voxel // np.asarray(blocks)
    counts = block.max(axis=0) + 1
    number = (block[:, 0] * counts[1] + block[:, 1]) * counts[2] + block[:, 2]
    if not number.any():
        yield slice(None), voxel.min(axis=0)
        return
    order = np.argsort(number, kind="stable")
    begins = np.flatnonzero(np.diff(number[order])) + 1
    for where in np.split(order, begins):
        yield where, voxel[where].min(axis=0)
