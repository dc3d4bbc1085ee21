"""Inflate a deflated DICOM dataset, but never a bomb."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

from explorer.errors import FileRefusedError

INFLATED_BYTES = 128 << 20


def inflate(path: Path, offset: int, limit: int = INFLATED_BYTES) -> io.BytesIO:
    """Inflate the dataset of a Deflated Explicit VR Little Endian file (DICOM PS3.5 A.5).

    Parameters
    ----------
    path : pathlib.Path
    offset : int
        Where the deflated stream starts, after the file meta information.
    limit : int
        Bytes that may come out.

    Returns
    -------
    io.BytesIO
        The dataset, explicit VR little endian.

    Raises
    ------
    FileRefusedError
        More than `limit` bytes come out, or the stream is corrupt.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    out = io.BytesIO()
    try:
        with path.open("rb") as file:
            file.seek(offset)
            while not stream.eof and (block := file.read(1 << 16)):
                while block:
                    out.write(stream.decompress(block, 1 << 20))
                    if out.tell() > limit:
                        raise FileRefusedError(
                            f"The deflated dataset is larger than {limit >> 20} MiB inflated",
                            expected="a dataset that fits in memory, or no deflation",
                            do="rewrite the file as Explicit VR Little Endian",
                        )
                    block = stream.unconsumed_tail
        out.write(stream.flush())
    except zlib.error as error:
        raise FileRefusedError(f"The deflated dataset is corrupt: {error}") from error
    out.seek(0)
    return out
