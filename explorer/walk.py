"""Find the files below a source: a folder, a zip archive, or one file."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from explorer.errors import FileRefusedError, NotFoundError, StoreError
from explorer.layout import MARKER

# A member may unpack to this many times its packed size, and all of them to this many bytes.
_MOST_RATIO = 1100
_MOST_BYTES = 200 * 2**30
_NOISE = {".DS_Store", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Found:
    """A file that was met.

    Attributes
    ----------
    uri : str
        Absolute path, or ``archive.zip!member``.
    relative : str
        Below the source root, with ``/``.
    root : str
        Folder that the source tree begins at.
    path : pathlib.Path or None
        None where it still has to be unpacked, or cannot be read (`refused` says why).
    size, mtime_ns : int
    archive : pathlib.Path or None
    member : str or None
    refused, skipped : str or None
        A reason, where the walk itself already knows one.
    """

    uri: str
    relative: str
    root: str
    path: Path | None
    size: int
    mtime_ns: int
    archive: Path | None = None
    member: str | None = None
    refused: str | None = None
    skipped: str | None = None


def source_root(source: Path) -> str:
    """The folder that a source's references and identifiers belong to.

    Raises
    ------
    NotFoundError
        There is no such file or folder.
    StoreError
        Its name is not UTF-8.
    """
    real = Path(os.path.realpath(source))
    if not real.exists():
        raise NotFoundError(f"No file or folder {str(source)!r}", do="check the path")
    if _shown(str(real)) != str(real):
        raise StoreError(f"The name {_shown(str(real))} is not UTF-8", do="rename the folder")
    return str(real if real.is_dir() else real.parent)


def walk(source: Path) -> Iterator[Found]:
    """Walk a source in a fixed order.

    Symbolic links are not followed, archives are listed and not yet unpacked; a store is no
    source.

    Parameters
    ----------
    source : pathlib.Path

    Yields
    ------
    Found
    """
    real = Path(os.path.realpath(source))
    root = source_root(source)
    if real.is_file():
        yield from _one(real, root)
        return
    for folder, folders, names in os.walk(real):
        if MARKER in names:
            folders.clear()
            continue
        folders.sort()
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted([*names, *links]):
            yield from _one(Path(folder) / name, root)


def _one(path: Path, root: str) -> Iterator[Found]:
    relative = path.relative_to(root).as_posix()
    if _shown(str(path)) != str(path):
        reason = "its name is not UTF-8; rename it"
        yield Found(_shown(str(path)), _shown(relative), root, None, 0, 0, refused=reason)
        return
    try:
        about = path.lstat()
    except OSError as error:
        yield Found(str(path), relative, root, None, 0, 0, refused=f"cannot be read: {error}")
        return
    found = Found(str(path), relative, root, path, about.st_size, about.st_mtime_ns)
    if stat.S_ISLNK(about.st_mode):
        yield _without(found, skipped="a symbolic link; links are not followed")
    elif not stat.S_ISREG(about.st_mode):
        yield _without(found, skipped="not a regular file")
    elif path.name in _NOISE or path.name.startswith("._"):
        yield _without(found, skipped="the system's own file")
    elif about.st_size == 0:
        yield _without(found, refused="the file is empty")
    elif path.suffix.lower() == ".zip":
        yield from _archive(found)
    else:
        yield found


def _shown(name: str) -> str:
    """A name as text: on Linux names are bytes, and what is no UTF-8 fits into no table."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _without(found: Found, refused: str | None = None, skipped: str | None = None) -> Found:
    return Found(
        found.uri, found.relative, found.root, None, found.size, found.mtime_ns,
        refused=refused, skipped=skipped,
    )  # fmt: skip


def _archive(found: Found) -> Iterator[Found]:
    path = found.path
    if path is None:
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield _without(found, refused=f"not a readable zip archive: {error}")
        return
    total = 0
    for member in sorted(members, key=lambda m: m.filename):
        if member.is_dir():
            continue
        total += member.file_size
        reason = _unsafe(member, total)
        yield Found(
            f"{path}!{member.filename}",
            f"{found.relative}!{member.filename}",
            found.root,
            None,
            member.file_size,
            found.mtime_ns,
            archive=path,
            member=member.filename,
            refused=reason,
        )


def _unsafe(member: zipfile.ZipInfo, total: int) -> str | None:
    parts = PurePosixPath(member.filename.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in member.filename.split("/")[0]:
        return "its name leads out of the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a symbolic link"
    if member.flag_bits & 0x1:
        return "encrypted; unpack it first"
    if total > _MOST_BYTES or member.file_size > _MOST_RATIO * max(member.compress_size, 1):
        return f"it claims to unpack to {member.file_size} bytes from {member.compress_size}"
    if member.file_size == 0:
        return "the file is empty"
    return None


def unpack(found: Found, folder: Path) -> Path:
    """Unpack one member of an archive below a folder, with its own relative path.

    Parameters
    ----------
    found : Found
        With `archive` and `member`.
    folder : pathlib.Path

    Returns
    -------
    pathlib.Path

    Raises
    ------
    FileRefusedError
        The archive is damaged here, or the name leads out of the folder.
    """
    if found.archive is None or found.member is None:
        raise FileRefusedError("Not a member of an archive", where=found.uri)
    # two archives may have one name, and their members too; so may a\\b and a/b in one
    kind = f"{found.archive}\\" if "\\" in found.member else str(found.archive)
    place = folder / hashlib.sha256(kind.encode()).hexdigest()[:16]
    target = (place / found.member.replace("\\", "/")).resolve()
    if not target.is_relative_to(place.resolve()):
        raise FileRefusedError("its name leads out of the archive", where=found.uri)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _extract(found.archive, found.member, target)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileRefusedError(f"cannot be unpacked: {error}", where=found.uri) from error
    except Exception as error:  # zlib and lzma have error types of their own
        if type(error).__module__ in ("zlib", "_lzma", "lzma"):
            raise FileRefusedError(f"cannot be unpacked: {error}", where=found.uri) from error
        raise
    target.chmod(0o600)
    return target


def _extract(archive: Path, member: str, target: Path) -> None:
    with (
        zipfile.ZipFile(archive) as opened,
        opened.open(member) as source,
        target.open("wb") as out,
    ):
        try:
            shutil.copyfileobj(source, out, 1 << 20)
        except BaseException:
            target.unlink()  # a part of a file is worse than none, and may fill the disk
            raise
