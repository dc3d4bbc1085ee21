"""Members of a zip archive (APPNOTE.TXT 6.3.10), its directory judged before it is parsed."""

from __future__ import annotations

import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from explorer.errors import FileRefusedError
from explorer.member import Member, TooMuchError
from explorer.member_name import unsafe_name

_MOST_RATIO = 1100  # zlib's own bound is 1032
_DIRECTORY_BYTES = 64 << 20
_TAIL = 22 + (1 << 16)
_LOCAL_HEADER = 30
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, NotImplementedError,
    RuntimeError, MemoryError,
)  # fmt: skip


def zip_members(path: Path, most: int) -> Iterator[Member]:
    """List an archive's files.

    Parameters
    ----------
    path : pathlib.Path
    most : int
        Members that may be listed.

    Raises
    ------
    TooMuchError
        It has more members, or a directory that is larger than any real one.
    FileRefusedError
        It is no readable zip archive.
    """
    try:
        _check_directory(path, most)
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            over = _overlapping(infos)
            for info in sorted(infos, key=lambda one: one.filename):
                reason = over.get(id(info)) or _refusal(info)
                if reason is None and info.is_dir():
                    continue
                name = info.orig_filename if "\0" in info.orig_filename else info.filename
                if info.is_dir():
                    name = name.rstrip("/") or name
                copy = partial(copy_member, archive, info)
                yield Member(name, info.file_size, reason, info.header_offset, copy)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        if isinstance(error, FileRefusedError):
            raise
        raise FileRefusedError(f"not a readable zip archive: {error}") from error


def _check_directory(path: Path, most: int) -> None:
    """Count the entries: parsing a directory takes many times its bytes."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
        at = tail.rfind(b"PK\5\6")
        if at < 0 or len(tail) < at + 22:
            raise FileRefusedError("not a readable zip archive: it has no directory")
        length, start = struct.unpack_from("<LL", tail, at + 12)
        if 0xFFFFFFFF in (length, start) and tail[max(0, at - 20) : at][:4] == b"PK\6\7":
            file.seek(struct.unpack_from("<Q", tail, at - 12)[0])
            length = struct.unpack("<Q", file.read(56)[40:48])[0]
        if length > _DIRECTORY_BYTES:
            raise TooMuchError(f"its directory claims {length} bytes")
        file.seek(max(0, max(0, size - _TAIL) + at - length - 76))
        count = file.read(length + 76).count(b"PK\1\2")
    if count > most:
        raise TooMuchError(f"it holds {count} members, more than {most}")


def _overlapping(infos: list[zipfile.ZipInfo]) -> dict[int, str]:
    """Members that share bytes: a few kilobytes are listed as many files (a flat bomb)."""
    ordered = sorted(infos, key=lambda one: one.header_offset)
    found, reach, last = {}, -1, None
    for info in ordered:
        if info.header_offset < reach and last is not None:
            found[id(info)] = found[id(last)] = "its bytes are another member's too"
        name = len(info.orig_filename.encode("utf-8", "replace"))
        end = info.header_offset + _LOCAL_HEADER + name + info.compress_size
        if end > reach:
            reach, last = end, info
    return found


def _refusal(info: zipfile.ZipInfo) -> str | None:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if reason := unsafe_name(info.orig_filename):
        return reason
    if info.is_dir():
        return None
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a device, a pipe or a socket"
    if info.flag_bits & 0x1:
        return "encrypted; unpack it first"
    if info.file_size > _MOST_RATIO * max(info.compress_size, 1):
        return f"it claims to unpack to {info.file_size} bytes from {info.compress_size}"
    return "the file is empty" if info.file_size == 0 else None


def copy_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one member to a new file.

    Raises
    ------
    FileRefusedError
        The archive is damaged here, or the member is longer than it says.
    """
    try:
        with archive.open(info) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
    except _BROKEN as error:
        raise FileRefusedError(f"cannot be unpacked: {error}") from error
