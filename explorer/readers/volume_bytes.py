"""Voxels of a volume file: exactly as many bytes as its header declares, and never more."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import numpy as np
from numpy.typing import NDArray

from explorer.errors import FileRefusedError
from explorer.readers.limits import VOLUME_BYTES

Encoding = Literal["raw", "gzip", "bzip2", "zlib", "ascii"]
_BLOCK = 1 << 20
_TEXT_BYTES = 64 << 20  # of voxels written as text
_DEFLATE_RATIO = 1032  # zlib's own upper bound (https://zlib.net/zlib_tech.html)


def check_size(shape: tuple[int, ...], dtype: np.dtype[Any], encoding: str, room: int) -> int:
    """Check the bytes that a header claims against those that can be there.

    Parameters
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    encoding : str
        'raw', 'gzip', 'bzip2', 'zlib' or 'ascii'.
    room : int
        Bytes of the file from the first voxel on.

    Returns
    -------
    int
        Bytes of the voxels.

    Raises
    ------
    FileRefusedError
        A size is not positive, the volume is larger than `VOLUME_BYTES`, or the file is shorter.
    """
    if not shape or min(shape) < 1:
        raise FileRefusedError(f"The sizes are {shape}", expected="at least one voxel each way")
    needed = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if needed > VOLUME_BYTES:
        raise FileRefusedError(
            f"The header claims {shape} voxels, {needed} bytes",
            expected=f"at most {VOLUME_BYTES} bytes a volume",
        )
    digits = (room + 1) // 2 * dtype.itemsize  # a digit and a space each, at the least
    inflated = room * _DEFLATE_RATIO
    bounds = {"raw": room, "gzip": inflated, "zlib": inflated, "ascii": digits}
    most = bounds.get(encoding, needed)
    if most < needed:
        raise FileRefusedError(
            f"The file ends early: its {room} bytes cannot hold {shape} voxels",
            expected=f"{needed} bytes, uncompressed",
        )
    return needed


def read_voxels(
    path: Path,
    encoding: Encoding,
    offset: int,
    skip: int,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
) -> NDArray[Any]:
    """Read voxels.

    Parameters
    ----------
    path : pathlib.Path
    encoding : {'raw', 'gzip', 'bzip2', 'zlib', 'ascii'}
    offset : int
        Where the encoded bytes start in the file.
    skip : int
        Bytes to pass over after decoding.
    shape : tuple of int
        C order.
    dtype : numpy.dtype

    Returns
    -------
    ndarray
        `shape`, `dtype`.

    Raises
    ------
    FileRefusedError
        The file ends early, is corrupt, or cannot be read.
    """
    check_size(shape, dtype, encoding, path.stat().st_size - offset - (skip * (encoding == "raw")))
    if encoding == "ascii":
        return _read_text(path, offset, shape, dtype)
    voxels = np.empty(shape, dtype)
    view = voxels.reshape(-1).view(np.uint8).data
    with decoded(path, encoding, offset) as file:
        _pass(file, skip)
        done = 0
        while done < len(view):
            count = cast(Any, file).readinto(view[done : done + _BLOCK])
            if not count:
                raise FileRefusedError(
                    f"The file ends early: {done} bytes of voxels",
                    expected=f"{len(view)} bytes for {shape}",
                    where=str(path.name),
                )
            done += count
        if encoding != "raw":
            file.read(_BLOCK)  # reaches the end of the stream, and so its checksum
    return voxels


def _read_text(
    path: Path, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> NDArray[Any]:
    count = int(np.prod(shape))
    number = float if dtype.kind == "f" else int
    with decoded(path, "raw", offset) as file:
        words = file.read(_TEXT_BYTES + 1).split()
    if len(words) < count:
        raise FileRefusedError(f"{len(words)} numbers are there", expected=f"{count} for {shape}")
    try:
        values = [number(word) for word in words[:count]]
        return np.array(values, dtype).reshape(shape)
    except (ValueError, OverflowError) as error:
        raise FileRefusedError(f"A voxel is no {dtype.name} number: {error}") from error


@contextmanager
def decoded(path: Path, encoding: Encoding, offset: int = 0) -> Iterator[BinaryIO]:
    """Open a file's decoded bytes from `offset` on; corrupt streams are refused."""
    try:
        with path.open("rb") as raw:
            raw.seek(offset)
            if encoding == "gzip":
                with gzip.GzipFile(fileobj=raw, mode="rb") as file:
                    yield cast(BinaryIO, file)
            elif encoding == "zlib":
                yield cast(BinaryIO, io.BufferedReader(_Inflated(raw), _BLOCK))
            elif encoding == "bzip2":
                with bz2.BZ2File(raw, "rb") as packed:
                    yield cast(BinaryIO, packed)
            else:
                yield raw
    except (EOFError, zlib.error, gzip.BadGzipFile, OSError) as error:
        reason = str(error) or "the compressed stream breaks off"
        raise FileRefusedError(f"The file cannot be read: {reason}", where=path.name) from error


class _Inflated(io.RawIOBase):
    """A zlib stream as a file; bytes behind its end are not read.

    Parameters
    ----------
    raw : binary file
    """

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)  # zlib or gzip, as MetaIO does

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._stream.eof:
            packed = self._stream.unconsumed_tail or self._raw.read(_BLOCK)
            data = self._stream.decompress(packed, len(target))
            if data:
                target[: len(data)] = data
                return len(data)
            if not packed:
                raise EOFError("the compressed stream breaks off")
        return 0


def _pass(file: BinaryIO, count: int) -> None:
    while count > 0:
        block = file.read(min(count, _BLOCK))
        if not block:
            raise FileRefusedError(f"The file ends {count} bytes before its first voxel")
        count -= len(block)
