"""Uncompressed frames, read straight from the source files that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = int | slice | NDArray[Any]


@dataclass(frozen=True)
class FrameFiles:
    """Where the frames of an image lie.

    The store's own way reads a whole chunk, that is a whole slice, through its storage engine;
    a plain read takes a third of the time, and of a patch or a coronal plane it takes the rows
    that are wanted.

    Attributes
    ----------
    shape : tuple of int
        ``(z, y, x)``, ``(t, z, y, x)`` or ``(y, x)``.
    dtype : numpy.dtype
        As in the files, byte order included.
    files : sequence of (str, int, int)
        Path, size and mtime_ns of each file, as they were at ingest.
    frames : ndarray of int64, shape of the leading dims and 2
        Which of `files` a frame lies in, and where in it its first byte is.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    files: Sequence[tuple[str, int, int]]
    frames: NDArray[np.int64]

    def read(self, index: tuple[Index, ...]) -> NDArray[Any] | None:
        """Read a part.

        Parameters
        ----------
        index : tuple
            One int, slice or index array a dim, orthogonal.

        Returns
        -------
        ndarray or None
            The stored values, in native byte order; None where a file is gone or is not as it
            was: the store's own way then says what is wrong.
        """
        every = [np.arange(n)[i] for n, i in zip(self.shape, index, strict=True)]
        *leading, rows, columns = (np.atleast_1d(one) for one in every)
        places = self.frames[np.ix_(*leading) if leading else ()].reshape(-1, 2)
        out = np.empty((len(places), rows.size, columns.size), self.dtype.newbyteorder("="))
        if out.size and not self._fill(out, places[:, 0], places[:, 1], rows, columns):
            return None
        return out.reshape([n for one in every for n in np.shape(one)])

    def _fill(
        self, out: NDArray[Any], file: NDArray[Any], offset: NDArray[Any], rows: NDArray[Any],
        columns: NDArray[Any],
    ) -> bool:  # fmt: skip
        width = self.shape[-1]
        first, last = int(rows.min()), int(rows.max())
        skip = first * width * self.dtype.itemsize
        block = np.empty((last - first + 1, width), self.dtype)
        whole = _is_run(rows) and columns.size == width and _is_run(columns)
        straight = whole and self.dtype.isnative
        try:
            for number, frames in groupby(range(len(out)), lambda k: int(file[k])):
                path, size, mtime_ns = self.files[number]
                about = Path(path).stat()
                if (about.st_size, about.st_mtime_ns) != (size, mtime_ns):
                    return False
                with Path(path).open("rb", buffering=0) as source:
                    for k in frames:
                        source.seek(int(offset[k]) + skip)
                        if not _read(source, out[k] if straight else block):
                            return False
                        if not straight:
                            out[k] = block[rows - first][:, columns]
        except OSError:
            return False
        return True


def _is_run(numbers: NDArray[Any]) -> bool:
    """Whether they count up by one."""
    return bool((np.diff(numbers) == 1).all())


def _read(source: FileIO, target: NDArray[Any]) -> bool:
    """Fill a contiguous array from a file; whether there was as much."""
    view = target.data.cast("B")
    while view:
        got = source.readinto(view)
        if not got:
            return False
        view = view[got:]
    return True
