"""Shard: an array of training chunks in one file, read without a detour."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
from numcodecs.checksum32 import CRC32C
from numpy.typing import NDArray

from explorer.errors import StoreError
from explorer.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_NONE = 2**64 - 1  # of an empty chunk: it is not stored, and means the fill value
_CHECK = 4
_own = threading.local()

Read = Callable[[int, int], bytes]
Box = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Shard:
    """One array ``(z, y, x)`` of chunks, Zarr v3's sharding codec with a single shard.

    Any Zarr library reads the same file; this way a patch of 96^3 voxels takes a third of the
    time, since nothing is scheduled: each chunk is one read, a CRC-32C, and Blosc.

    Attributes
    ----------
    place : Place
        The file.
    shape, chunks : tuple of int
        ``(z, y, x)``.
    dtype : numpy.dtype
        Little-endian.
    fill : float
        Value of chunks that are not stored.
    stored : bool
        False where no chunk is: there is no file then.
    """

    place: Place
    shape: tuple[int, int, int]
    chunks: tuple[int, int, int]
    dtype: np.dtype[Any]
    fill: float = 0
    stored: bool = True

    @property
    def counts(self) -> tuple[int, int, int]:
        """Chunks along z, y and x."""
        z, y, x = (-(-n // c) for n, c in zip(self.shape, self.chunks, strict=True))
        return z, y, x

    def read_into(self, out: NDArray[Any], box: Box) -> None:
        """Read a box.

        Parameters
        ----------
        out : ndarray, (z, y, x)
            Of the box's shape; filled, its own type is kept.
        box : sequence of (int, int)
            Voxel edges along z, y and x, half-open, inside of the array.

        Raises
        ------
        StoreError
            A chunk is damaged, or the file is gone.
        """
        if not self.stored:
            out[...] = self.fill
            return
        with self._opened() as read:
            index = self._index(read)
            spans = [range(a // c, -(-b // c)) for (a, b), c in zip(box, self.chunks, strict=True)]
            for at in product(*spans):
                target, source = _overlap(at, self.chunks, box)
                offset, length = index[at].tolist()
                if offset == _NONE:
                    out[target] = self.fill
                else:
                    out[target] = self._chunk(read, offset, length, at)[source]

    def read(self, box: Box | None = None) -> NDArray[Any]:
        """A box, or everything, as a new array ``(z, y, x)``."""
        spans = [(0, n) for n in self.shape] if box is None else box
        out = np.empty([b - a for a, b in spans], self.dtype)
        self.read_into(out, spans)
        return out

    def check(self) -> int:
        """Read every chunk; gives the number of those that are stored.

        Raises
        ------
        StoreError
            One is damaged.
        """
        if not self.stored:
            return 0
        with self._opened() as read:
            index = self._index(read)
            stored = [at for at in product(*map(range, self.counts)) if index[at][0] != _NONE]
            for at in stored:
                self._chunk(read, int(index[at][0]), int(index[at][1]), at)
        return len(stored)

    def _chunk(self, read: Read, offset: int, length: int, at: tuple[int, ...]) -> NDArray[Any]:
        data: Any = np.frombuffer(read(offset, length), np.uint8)
        if CRC32C.checksum(data[:-_CHECK]) != _number(data):
            raise self._damaged(f"chunk {at} is not what was written")
        room = _room(math.prod(self.chunks) * self.dtype.itemsize)
        try:
            imagecodecs.blosc_decode(data[:-_CHECK], out=room.data, numthreads=1)
        except (imagecodecs.BloscError, ValueError) as error:
            raise self._damaged(f"chunk {at}: {error}") from error
        return room.view(self.dtype).reshape(self.chunks)

    def _index(self, read: Read) -> NDArray[np.uint64]:
        size = 16 * math.prod(self.counts) + _CHECK
        data = np.frombuffer(read(-size, size), np.uint8)
        if len(data) != size or CRC32C.checksum(data[:-_CHECK]) != _number(data):
            raise self._damaged("its index is not what was written")
        return np.frombuffer(data[:-_CHECK], "<u8").reshape(*self.counts, 2)

    @contextmanager
    def _opened(self) -> Iterator[Read]:
        try:
            if not self.place.local:
                yield self.place.read_part
                return
            # no handle is kept: opening costs a fiftieth of a patch, and handles run out
            file = os.open(self.place.url, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            try:
                yield _reader(file)
            finally:
                os.close(file)
        except FileNotFoundError as error:
            raise self._damaged("the file is gone") from error

    def _damaged(self, found: str) -> StoreError:
        return StoreError(
            f"A training chunk cannot be read: {found}",
            where=str(self.place),
            do="delete the folder that it lies in and materialize the cohort again",
        )


def _number(data: NDArray[np.uint8]) -> int:
    """The checksum at the end."""
    return int(data[-_CHECK:].view("<u4")[0])


def _reader(file: int) -> Read:
    size = os.fstat(file).st_size
    if hasattr(os, "pread"):
        return lambda start, length: os.pread(file, length, start if start >= 0 else size + start)

    def read(start: int, length: int) -> bytes:
        os.lseek(file, start if start >= 0 else size + start, os.SEEK_SET)
        return os.read(file, length)

    return read


def _room(size: int) -> NDArray[np.uint8]:
    """Memory of this thread that a chunk is decoded into, again and again."""
    held: NDArray[np.uint8] | None = getattr(_own, "room", None)
    if held is None or len(held) != size:
        held = _own.room = np.empty(size, np.uint8)
    return held


def _overlap(
    at: tuple[int, ...], chunks: tuple[int, int, int], box: Box
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where a chunk lies in what is read, and which part of it."""
    target, source = [], []
    for k, c, (a, b) in zip(at, chunks, box, strict=True):
        start, end = max(a, k * c), min(b, (k + 1) * c)
        target.append(slice(start - a, end - a))
        source.append(slice(start - k * c, end - k * c))
    return tuple(target), tuple(source)
