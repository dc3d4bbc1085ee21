"""Unpack one member of an archive, never outside of its folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from filelock import FileLock

from explorer.archive import MOST_MEMBERS, Kind, archive_kind, held_place, most_bytes
from explorer.errors import FileRefusedError
from explorer.found import Found
from explorer.packed_stream import PackedStream, Packing
from explorer.tar_members import copy_region, tar_members
from explorer.zip_members import copy_member, zip_members

_BLOCK = 1 << 20


def unpack(found: Found, folder: Path) -> Path:
    """Unpack one member of an archive below a folder, with its own relative path.

    Parameters
    ----------
    found : Found
        With `archive` and `chain`, as `walk` gave it.
    folder : pathlib.Path
        Working folder; archives within archives, and compressed tars, are unpacked there once.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    FileRefusedError
        The archive is damaged here, or the name leads out of the folder.
    """
    if found.archive is None or not found.chain:
        raise FileRefusedError("Not a member of an archive", where=found.uri)
    *outer, name = found.chain
    # two archives may have one name, and their members too
    place = held_place(folder, found.archive, tuple(outer)).with_suffix(f".{found.apart}")
    target = (place / name.replace("\\", "/")).resolve()
    if not target.is_relative_to(place.resolve()) or target == place.resolve():
        raise FileRefusedError("its name leads out of the archive", where=found.uri)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        holder, kind = _holder(found.archive, tuple(outer), folder)
        _take(holder, kind, found, target, folder)
        target.chmod(0o600)
    except FileRefusedError as error:
        _remove(target)  # a part of a file is worse than none, and may fill the disk
        raise FileRefusedError(_told(error.found), where=found.uri) from error
    except (OSError, ValueError) as error:
        raise FileRefusedError(f"cannot be unpacked: {error}", where=found.uri) from error
    except BaseException:
        _remove(target)
        raise
    return target


def _told(reason: str) -> str:
    return reason if reason.startswith("cannot be unpacked") else f"cannot be unpacked: {reason}"


def _remove(target: Path) -> None:
    with suppress(OSError):  # there may be none, or a folder of that name
        target.unlink()


def _take(holder: Path, kind: Kind, found: Found, target: Path, folder: Path) -> None:
    if kind == "zip":
        about = holder.stat()
        archive, places = _zip(holder, about.st_size, about.st_mtime_ns)
        if found.offset not in places:
            raise FileRefusedError("the archive has changed since it was listed")
        copy_member(archive, places[found.offset], target)
        return
    plain = holder if kind == "none" else _plain(holder, kind, folder)
    with PackedStream(plain, "none", found.offset + found.size) as stream:
        stream.seek(found.offset)
        copy_region(stream, found.size, target)


@lru_cache(maxsize=1)
def _zip(path: Path, size: int, mtime_ns: int) -> tuple[ZipFile, dict[int, ZipInfo]]:
    """An open archive and its members by place: a directory takes longer to parse than to read.

    Size and time are the file's: another one of its name is opened anew.
    """
    archive = ZipFile(path)
    return archive, {info.header_offset: info for info in archive.infolist()}


def _holder(archive: Path, outer: tuple[str, ...], folder: Path) -> tuple[Path, Kind]:
    """The archive that holds a member itself, unpacked where it lies within another."""
    path, kind = archive, archive_kind(archive.name)
    for depth, name in enumerate(outer, start=1):
        place = held_place(folder, archive, outer[:depth])
        if not place.exists():
            with _written_once(place) as part:
                if part is not None:
                    _copy_inner(path, kind, name, part)
        path, kind = place, archive_kind(name)
    if kind is None:
        raise FileRefusedError("not an archive")
    return path, kind


def _copy_inner(path: Path, kind: Kind | None, name: str, part: Path) -> None:
    size = most_bytes(path.stat().st_size)
    if kind is None:
        raise FileRefusedError("not an archive")
    members = (
        zip_members(path, MOST_MEMBERS)
        if kind == "zip"
        else tar_members(path, kind, MOST_MEMBERS, size)
    )
    for member in members:
        if member.name == name and member.refused is None and member.copy is not None:
            member.copy(part)
            return
    raise FileRefusedError("the archive has changed since it was listed")


def _plain(path: Path, packing: Packing, folder: Path) -> Path:
    """A compressed tar without its compression: its members can then be read where they lie."""
    place = held_place(folder, path, ()).with_suffix(".tar")
    if place.exists():
        return place
    with _written_once(place) as part:
        if part is not None:
            most = 2 * most_bytes(path.stat().st_size)
            with part.open("wb") as out, PackedStream(path, packing, most) as stream:
                try:
                    while block := stream.read(_BLOCK):
                        out.write(block)
                except FileRefusedError:
                    # what lies before the damage is whole; a member after it is told to be cut
                    out.flush()
    return place


@contextmanager
def _written_once(place: Path) -> Iterator[Path | None]:
    """A new file to write, which then becomes `place`; None where another process was first."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(place.with_suffix(".lock"), mode=0o600):
        if place.exists():
            yield None
            return
        part = place.with_suffix(".part")
        try:
            yield part
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
