"""Members of a tar archive, plain or compressed, listed in one pass forwards."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

from explorer.errors import FileRefusedError
from explorer.member import Member, TooMuchError
from explorer.member_name import unsafe_name
from explorer.packed_stream import PackedStream, Packing

_HEADER_BYTES = 64 << 10  # of one member's headers, long names and PAX records included
_GLOBALS = 256
_BLOCK = 1 << 20
_KINDS = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.GNUTYPE_SPARSE: "a sparse file; pack it again without --sparse",
}


class _Headers:
    """What `tarfile` reads headers through: it believes any length that it is told."""

    def __init__(self, stream: PackedStream) -> None:
        self._stream = stream
        self.left = _HEADER_BYTES
        self.last = b""

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self.left:
            raise FileRefusedError("a header is longer than any real one")
        self.left -= size
        self.last = self._stream.read(size)
        return self.last


def tar_members(path: Path, packing: Packing, most: int, size: int) -> Iterator[Member]:
    """List an archive's files, in their order.

    Parameters
    ----------
    path : pathlib.Path
    packing : {'none', 'gzip', 'bzip2', 'xz'}
    most : int
        Members of any kind that may be met.
    size : int
        Bytes that it may unpack to.

    Raises
    ------
    TooMuchError
        It has more members.
    FileRefusedError
        It is no tar archive, is damaged, or unpacks to more than `size`; the members before that
        place were given.
    """
    count = 0
    for info, stream in _infos(path, packing, size):
        count += 1
        if count > most:
            raise TooMuchError(f"it holds more than {most} members")
        reason = _refusal(info, stream, size)
        if info.isdir() and reason is None:
            continue
        copy = partial(copy_region, stream, info.size)
        yield Member(info.name, max(0, info.size), reason, info.offset_data, copy)
        if info.size > size:
            raise FileRefusedError(f"what follows {info.size} bytes is not read")


def _infos(
    path: Path, packing: Packing, size: int
) -> Iterator[tuple[tarfile.TarInfo, PackedStream]]:
    # a header and its padding, for each member, beside the bytes of the members
    with PackedStream(path, packing, 2 * size + (64 << 20)) as stream:
        headers = _Headers(stream)
        try:
            opened = tarfile.TarFile(fileobj=cast(Any, headers), errorlevel=2)
            after = -1
            while (info := opened.next()) is not None:
                opened.members.clear()  # type: ignore[attr-defined]  # it would keep all of them
                if opened.offset <= after or len(opened.pax_headers) > _GLOBALS:
                    raise FileRefusedError("it is damaged: its headers lead backwards")
                after = opened.offset
                if stream.tell() < info.offset_data:
                    stream.seek(info.offset_data)
                yield info, stream
                headers.left = _HEADER_BYTES
        except (tarfile.TarError, ValueError, OSError, RecursionError, OverflowError) as error:
            if isinstance(error, FileRefusedError):
                raise
            reason = str(error) or type(error).__name__
            raise FileRefusedError(f"it is no tar archive, or damaged: {reason}") from error
        if headers.last.strip(b"\0"):
            raise FileRefusedError("it is damaged; what follows is not read")


def _refusal(info: tarfile.TarInfo, stream: PackedStream, size: int) -> str | None:
    if info.type in _KINDS or info.issparse():
        return _KINDS.get(info.type, _KINDS[tarfile.GNUTYPE_SPARSE])
    if any(name.startswith("GNU.sparse") for name in info.pax_headers):
        return _KINDS[tarfile.GNUTYPE_SPARSE]
    if reason := unsafe_name(info.name):
        return reason
    if info.isdir():
        return None
    if not info.isreg():
        return f"a member of the unknown type {info.type!r}"
    if not 0 <= info.size <= size:
        return f"it claims {info.size} bytes"
    return "the file is empty" if info.size == 0 else None


def copy_region(stream: PackedStream, size: int, target: Path) -> None:
    """Copy the next bytes of a stream to a new file.

    Raises
    ------
    FileRefusedError
        The stream ends before.
    """
    try:
        with target.open("wb") as out:
            while size > 0:
                block = stream.read(min(size, _BLOCK))
                if not block:
                    raise FileRefusedError("the archive ends within it")
                out.write(block)
                size -= len(block)
    except OSError as error:
        raise FileRefusedError(f"cannot be unpacked: {error}") from error
