"""One member of an archive, as the archive's own directory tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from explorer.errors import FileRefusedError


@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Attributes
    ----------
    name : str
        Within this archive; hostile text.
    size : int
        Bytes, unpacked, as the archive says.
    refused : str or None
        Why it may not be unpacked.
    offset : int
        Where it begins in its archive: a zip's local header, the bytes in an unpacked tar.
    copy : callable or None
        ``copy(target)`` writes its bytes to a new file; only within the listing.
    """

    name: str
    size: int
    refused: str | None = None
    offset: int = 0
    copy: Callable[[Path], None] | None = None


class TooMuchError(FileRefusedError):
    """An archive, with those within it, holds more than is unpacked."""


class Budget:
    """What an archive and all those within it may come to.

    Parameters
    ----------
    members : int
        Files, archives within it included.
    size : int
        Bytes of them, unpacked.
    """

    def __init__(self, members: int, size: int) -> None:
        self.members, self.size = members, size

    def take(self, size: int) -> None:
        """Count one member.

        Raises
        ------
        TooMuchError
            It is one too many, or there is no room for its bytes.
        """
        if self.members < 1:
            raise TooMuchError("it holds more files than are taken of one archive")
        if size > self.size:
            raise TooMuchError(f"there is no room for {size} bytes more: it holds too much")
        self.members -= 1
        self.size -= size

    def copy(self) -> Budget:
        """The same, to try something that may turn out to be too much."""
        return Budget(self.members, self.size)
