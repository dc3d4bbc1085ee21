"""Files that were moved: found below their new folder, and held against their hashes."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from explorer.errors import FileRefusedError
from explorer.found import Found
from explorer.peek_file import sha256_of
from explorer.unpack import unpack
from explorer.walk import walk


@dataclass(frozen=True)
class Moved:
    """Where a file is now."""

    uri: str
    mtime_ns: int


class MovedFiles:
    """Looks for the files of one folder below another one.

    Parameters
    ----------
    was, now : str
        Absolute folders.
    scratch : pathlib.Path
        Where members of archives are unpacked to.
    search : bool
        Look by name and size too, anywhere below `now`.
    """

    def __init__(self, was: str, now: str, scratch: Path, *, search: bool) -> None:
        self.was, self.now = was, now
        self._scratch, self._search = scratch, search
        self._members: dict[str, dict[str, Found]] = {}

    def find(self, row: Mapping[str, Any]) -> tuple[Moved | None, str]:
        """Find a file by its status row.

        Returns
        -------
        moved : Moved or None
        reason : str
            Why it is None.
        """
        file, mark, member = row["uri"].partition("!")
        first = os.path.normpath(Path(self.now, os.path.relpath(file, self.was)))
        reason = f"not found at {first}"
        for path in [first, *self._named(Path(file).name, row["size"] if not mark else None)]:
            if not self._is_file(path):
                continue
            try:
                sha256 = self._member(path, member) if mark else sha256_of(Path(path))
            except (OSError, FileRefusedError) as error:
                reason = f"{path} cannot be read: {error}"
                continue
            if sha256 == row["sha256"]:
                return Moved(f"{path}{mark}{member}", Path(path).stat().st_mtime_ns), ""
            reason = f"{path} is another file: its sha256 is not the one that was kept"
        return None, reason

    def _is_file(self, path: str) -> bool:
        """Whether it is a plain file below the new folder, with no link on the way out of it."""
        try:
            plain = stat.S_ISREG(os.lstat(path).st_mode)
        except OSError:
            return False
        return plain and Path(os.path.realpath(path)).is_relative_to(self.now)

    def _named(self, name: str, size: int | None) -> list[str]:
        if not self._search:
            return []
        return [path for path, bytes_ in self._by_name[name] if size is None or bytes_ == size]

    @cached_property
    def _by_name(self) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for folder, folders, names in os.walk(self.now):
            folders.sort()
            for name in sorted(names):
                path = str(Path(folder, name))
                found[name].append((path, os.lstat(path).st_size))
        return found

    def _member(self, archive: str, member: str) -> str | None:
        if archive not in self._members:
            self._members[archive] = {
                found.uri: found for found in walk(Path(archive), self._scratch)
            }
        found = self._members[archive].get(f"{archive}!{member}")
        if found is None or found.refused or found.skipped:
            return None
        place = unpack(found, self._scratch)
        try:
            return sha256_of(place)
        finally:
            place.unlink(missing_ok=True)
