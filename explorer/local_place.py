"""Local place: a folder of this machine; what is written is for its owner alone."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import icechunk

from explorer.place import Place


class LocalPlace(Place):
    """A folder of this machine.

    Parameters
    ----------
    where : str or path-like
        Made absolute; links are kept as they are.
    """

    local = True

    def __init__(self, where: str | os.PathLike[str]) -> None:
        self._path = Path(where).absolute()
        self.url = str(self._path)

    @property
    def path(self) -> Path:
        """The folder."""
        return self._path

    def __truediv__(self, name: str) -> LocalPlace:
        return LocalPlace(self._path / name)

    def exists(self) -> bool:
        """Whether there is such a file or folder."""
        return self._path.exists()

    def read_bytes(self) -> bytes:
        """Read a file."""
        return self._path.read_bytes()

    def read_part(self, start: int, length: int) -> bytes:
        """Read a part of a file."""
        with self._path.open("rb") as file:
            file.seek(start, os.SEEK_END if start < 0 else os.SEEK_SET)
            return file.read(length)

    def write_bytes(self, data: bytes) -> None:
        """Write a file, 0600; it appears whole."""
        part = self._path.with_name(f".{self._path.name}.part")
        part.write_bytes(data)
        part.chmod(0o600)
        os.replace(part, self._path)  # noqa: PTH105 - also over an older one, on Windows too

    def make_folder(self) -> None:
        """Make the folder, 0700, and those around it."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def children(self) -> list[Place]:
        """Files and folders directly below it, by name."""
        if not self._path.is_dir():
            return []
        return [LocalPlace(path) for path in sorted(self._path.iterdir())]

    def delete(self) -> None:
        """Delete a file, where there is one."""
        self._path.unlink(missing_ok=True)

    def delete_tree(self) -> None:
        """Delete it, and everything below it."""
        if self._path.exists():
            shutil.rmtree(self._path)

    def size(self) -> int:
        """Bytes of all files below it."""
        return sum(path.stat().st_size for path in self._path.rglob("*") if path.is_file())

    def newest(self) -> float:
        """The newest time of a file or folder; now, where somebody is at work there."""
        try:
            return max(path.stat().st_mtime for path in (self._path, *self._path.rglob("*")))
        except FileNotFoundError:
            return time.time()

    def lance_options(self) -> dict[str, str] | None:
        """Nothing is needed."""
        return None

    def icechunk_storage(self) -> Any:
        """Icechunk's storage of the folder."""
        return icechunk.local_filesystem_storage(self.url)
