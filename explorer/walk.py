"""Find the files below a source: a folder, a zip archive, or one file."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from explorer.errors import FileRefusedError, NotFoundError

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
    """
    real = Path(os.path.realpath(source))
    if not real.exists():
        raise NotFoundError(f"No file or folder {str(source)!r}", do="check the path")
    return str(real if real.is_dir() else real.parent)


def walk(source: Path) -> Iterator[Found]:
    """Walk a source in a fixed order.

    Symbolic links are not followed, archives are listed and not yet unpacked.

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
        folders.sort()
        for name in sorted(names):
            yield from _one(Path(folder) / name, root)


def _one(path: Path, root: str) -> Iterator[Found]:
    relative = path.relative_to(root).as_posix()
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
    target = (folder / found.archive.stem / found.member.replace("\\", "/")).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise FileRefusedError("its name leads out of the archive", where=found.uri)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with (
            zipfile.ZipFile(found.archive) as archive,
            archive.open(found.member) as source,
            target.open("wb") as out,
        ):
            shutil.copyfileobj(source, out, 1 << 20)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileRefusedError(f"cannot be unpacked: {error}", where=found.uri) from error
    except Exception as error:  # zlib and lzma have error types of their own
        if type(error).__module__ in ("zlib", "_lzma", "lzma"):
            raise FileRefusedError(f"cannot be unpacked: {error}", where=found.uri) from error
        raise
    target.chmod(0o600)
    return target
