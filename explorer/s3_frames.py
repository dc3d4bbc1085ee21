"""Uncompressed frames, read straight from the objects on S3 that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import SourceChangedError
from explorer.frame_files import FrameFiles
from explorer.s3_source import S3Source

# Reads that wait for the server at a time.
_AT_ONCE = 8


@dataclass(frozen=True)
class S3Frames(FrameFiles):
    """Where the frames of an image lie; one ranged read each, of the rows that are wanted.

    Attributes
    ----------
    tags : sequence of str
        The entity tag of each of `files`, as it was at ingest: the server gives no others.
    where : str
        Patient and item, for errors.
    """

    tags: Sequence[str] = ()
    where: str = ""

    def _fill(
        self, out: NDArray[Any], file: NDArray[Any], offset: NDArray[Any], rows: NDArray[Any],
        columns: NDArray[Any],
    ) -> bool:  # fmt: skip
        width = self.shape[-1]
        first, last = int(rows.min()), int(rows.max())
        line = width * self.dtype.itemsize

        def one(k: int) -> None:
            start = int(offset[k]) + first * line
            data = self._read(int(file[k]), start, (last - first + 1) * line)
            block = np.frombuffer(data, self.dtype).reshape(-1, width)
            out[k] = block[rows - first][:, columns]

        if len(out) == 1:
            one(0)
            return True
        with ThreadPoolExecutor(min(_AT_ONCE, len(out))) as pool:
            list(pool.map(one, range(len(out))))
        return True

    def _read(self, number: int, start: int, length: int) -> bytes:
        uri = self.files[number][0]
        try:
            return S3Source.object(uri).read_range(start, length, self.tags[number])
        except (SourceChangedError, FileNotFoundError) as error:
            changed = isinstance(error, SourceChangedError)
            raise SourceChangedError(
                f"{uri} {'was changed since it was ingested' if changed else 'is gone'}",
                where=self.where,
                do="bring the object back, or ingest its prefix again (a changed source becomes "
                "a new version)",
            ) from None
