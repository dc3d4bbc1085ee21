"""A stored array that is read by whole chunks, through a cache."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from explorer.errors import GeometryError
from explorer.lazy import read_stored
from widgets.chunk_cache import ChunkCache
from widgets.stored_chunks import stored_chunks

_names = itertools.count()

Index = tuple[int | slice, ...]


class ChunkedArray:
    """Planes and boxes of a Zarr array, out of decoded chunks that are kept.

    Parameters
    ----------
    array : zarr.Array
    cache : ChunkCache
        May be shared between arrays.
    where : str
        Patient and item, for errors.
    sparse : bool
        Most chunks are not stored at all (masks): look up once which ones are, and do not ask
        for the others.
    """

    def __init__(
        self, array: zarr.Array[Any], cache: ChunkCache, where: str, *, sparse: bool = False
    ) -> None:
        self._array = array
        self._cache = cache
        self._where = where
        self._name = next(_names)
        self._stored = stored_chunks(array) if sparse else None
        self.shape: tuple[int, ...] = array.shape
        self.chunks: tuple[int, ...] = array.chunks
        self.dtype: np.dtype[Any] = array.dtype

    def read(self, index: Index) -> NDArray[Any]:
        """Read a part.

        Parameters
        ----------
        index : tuple
            An int or a slice of step 1 for each axis; axes with an int are dropped.

        Returns
        -------
        ndarray

        Raises
        ------
        GeometryError
            The index lies outside of the array.
        SourceChangedError
            A referenced source file is gone or was changed.
        """
        spans = [self._span(part, axis) for axis, part in enumerate(index)]
        out = np.zeros([stop - start for start, stop in spans], self.dtype)
        if self._array.fill_value:
            out[...] = self._array.fill_value
        grid = [
            range(start // size, -(-stop // size)) if stop > start else range(0)
            for (start, stop), size in zip(spans, self.chunks, strict=True)
        ]
        for block in itertools.product(*grid):
            if self._stored is not None and block not in self._stored:
                continue
            chunk = self._chunk(block)
            source, target = [], []
            for (start, stop), size, k in zip(spans, self.chunks, block, strict=True):
                low, high = max(start, k * size), min(stop, (k + 1) * size)
                source.append(slice(low - k * size, high - k * size))
                target.append(slice(low - start, high - start))
            out[tuple(target)] = chunk[tuple(source)]
        return out[tuple(0 if isinstance(p, int | np.integer) else slice(None) for p in index)]

    def check(self, index: Index) -> None:
        """See that a part lies in the array.

        Raises
        ------
        GeometryError
            It does not.
        """
        for axis, part in enumerate(index):
            self._span(part, axis)

    def has(self, index: Index) -> bool:
        """Whether anything may be stored in a part (always, unless `sparse`)."""
        if self._stored is None:
            return True
        spans = [self._span(part, axis) for axis, part in enumerate(index)]
        grid = [
            range(start // size, -(-stop // size))
            for (start, stop), size in zip(spans, self.chunks, strict=True)
        ]
        return any(block in self._stored for block in itertools.product(*grid))

    def stored_parts(self, position: int) -> list[tuple[slice, ...]]:
        """The stored chunks at a position of the first axis, as parts of the other axes.

        Parameters
        ----------
        position : int

        Returns
        -------
        list of tuple of slice
            In the grid's order; every chunk, unless `sparse`.
        """
        wanted = position // self.chunks[0]
        grid = (range(-(-n // size)) for n, size in zip(self.shape, self.chunks, strict=True))
        found = itertools.product([wanted], *list(grid)[1:])
        return [
            tuple(
                slice(k * size, min((k + 1) * size, n))
                for k, size, n in zip(block[1:], self.chunks[1:], self.shape[1:], strict=True)
            )
            for block in found
            if self._stored is None or block in self._stored
        ]

    def _span(self, part: int | slice, axis: int) -> tuple[int, int]:
        size = self.shape[axis]
        if isinstance(part, slice):
            start, stop, _ = part.indices(size)
            return start, max(start, stop)
        if not 0 <= part < size:
            raise GeometryError(
                f"Index {part} along axis {axis}", expected=f"0 to {size - 1}", where=self._where
            )
        return int(part), int(part) + 1

    def _chunk(self, block: tuple[int, ...]) -> NDArray[Any]:
        region = tuple(
            slice(k * size, min((k + 1) * size, n))
            for k, size, n in zip(block, self.chunks, self.shape, strict=True)
        )
        return self._cache.get(
            (self._name, block), lambda: read_stored(self._array, region, self._where)
        )
