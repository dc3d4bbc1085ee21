"""Find the files below a source: a folder, an archive, one file, or a prefix on S3."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.archive import archive_kind, archive_members
from explorer.errors import NotFoundError, StoreError
from explorer.found import Found
from explorer.layout import MARKER
from explorer.on_s3 import on_s3
from explorer.place import Place

if TYPE_CHECKING:
    from explorer.s3_source import S3Source

_NOISE = {".DS_Store", "Thumbs.db", "desktop.ini"}


def source_of(named: str | Path | S3Source) -> Path | S3Source:
    """What people write as a source: a path, or ``s3://bucket/prefix``.

    Raises
    ------
    StoreError
        The URL holds more than that.
    """
    if isinstance(named, Place):
        return named
    if not isinstance(named, str) or not on_s3(named):
        return Path(named)
    from explorer.s3_source import S3Source

    return S3Source(named)


def source_root(source: Path | S3Source) -> str:
    """The folder that a source's references and identifiers belong to.

    Raises
    ------
    NotFoundError
        There is no such file or folder.
    StoreError
        Its name is not UTF-8.
    """
    if isinstance(source, Place):
        from explorer.s3_walk import s3_root

        return s3_root(source)
    real = Path(os.path.realpath(source))
    if not real.exists():
        raise NotFoundError(f"No file or folder {str(source)!r}", do="check the path")
    if _shown(str(real)) != str(real):
        raise StoreError(f"The name {_shown(str(real))} is not UTF-8", do="rename the folder")
    return str(real if real.is_dir() else real.parent)


def walk(source: Path | S3Source, scratch: Path | None = None) -> Iterator[Found]:
    """Walk a source in a fixed order.

    Symbolic links are not followed, archives are listed and not yet unpacked; a store is no
    source.

    Parameters
    ----------
    source : pathlib.Path or S3Source
    scratch : pathlib.Path, optional
        Where archives within archives are unpacked to, to be listed.

    Yields
    ------
    Found
    """
    if isinstance(source, Place):
        from explorer.s3_walk import s3_walk

        yield from s3_walk(source, scratch)
        return
    real = Path(os.path.realpath(source))
    root = source_root(source)
    if real.is_file():
        yield from _one(real, root, scratch)
        return
    for folder, folders, names in os.walk(real):
        if MARKER in names:
            folders.clear()
            continue
        folders.sort()
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted([*names, *links]):
            yield from _one(Path(folder) / name, root, scratch)


def _one(path: Path, root: str, scratch: Path | None) -> Iterator[Found]:
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
    elif archive_kind(path.name) is not None:
        yield from archive_members(found, scratch)
    else:
        yield found


def _shown(name: str) -> str:
    """A name as text: on Linux names are bytes, and what is no UTF-8 fits into no table."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _without(found: Found, refused: str | None = None, skipped: str | None = None) -> Found:
    return replace(found, path=None, refused=refused, skipped=skipped)
