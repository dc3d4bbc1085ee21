"""Place: where a store, or a part of one, lies: a local folder, or a prefix on S3."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from explorer.errors import StoreError

# A drive letter of Windows is one letter; schemes have more.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")


class Place(ABC):
    """A folder that holds a store, wherever it lies; make one with `Place.of`.

    It can be pickled, and holds no credentials: those of S3 come from the environment of the
    process that uses it.

    Attributes
    ----------
    url : str
        The absolute path, or ``s3://bucket/prefix``.
    local : bool
        Whether it is a folder of this machine.
    """

    url: str
    local: bool

    @staticmethod
    def of(where: Place | str | os.PathLike[str]) -> Place:
        """Make a place from what people write.

        Parameters
        ----------
        where : str or path-like
            A path, or ``s3://bucket/prefix``.

        Returns
        -------
        Place

        Raises
        ------
        StoreError
            It is a URL of another kind, or one that holds credentials.
        """
        if isinstance(where, Place):
            return where
        text = os.fspath(where)
        scheme = _SCHEME.match(text)
        if scheme is None:
            from explorer.local_place import LocalPlace

            return LocalPlace(text)
        if text.startswith("s3://"):
            from explorer.s3_place import S3Place

            return S3Place(text)
        slash = " as text: a path object folds its slashes" if scheme[1].lower() == "s3" else ""
        # the rest of the URL may hold a password, and is not repeated
        raise StoreError(
            f"A store cannot lie at a URL of the kind {scheme[1] + ':'!r}",
            expected=f"a folder of this machine, or s3://bucket/prefix{slash}",
        )

    @property
    def name(self) -> str:
        """The last part of it."""
        return self.url.replace("\\", "/").rstrip("/").rpartition("/")[2]

    @property
    def path(self) -> Path:
        """The folder of this machine.

        Raises
        ------
        StoreError
            It is not on this machine.
        """
        raise StoreError("The store is no folder of this machine", where=self.url)

    @abstractmethod
    def __truediv__(self, name: str) -> Place:
        """What lies below it."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is such a file, or such a folder with something in it."""

    @abstractmethod
    def read_bytes(self) -> bytes:
        """Read a file.

        Raises
        ------
        FileNotFoundError
            There is none.
        """

    @abstractmethod
    def read_part(self, start: int, length: int) -> bytes:
        """Read `length` bytes of a file from `start`; a negative one counts from the end.

        Raises
        ------
        FileNotFoundError
            There is none.
        """

    @abstractmethod
    def write_bytes(self, data: bytes) -> None:
        """Write a file; it appears whole, in the place of an older one."""

    @abstractmethod
    def make_folder(self) -> None:
        """Make the folder, for its owner alone, where folders are made."""

    @abstractmethod
    def children(self) -> list[Place]:
        """Files and folders directly below it, by name; empty where there is none."""

    @abstractmethod
    def delete(self) -> None:
        """Delete a file, where there is one."""

    @abstractmethod
    def delete_tree(self) -> None:
        """Delete it, and everything below it."""

    @abstractmethod
    def size(self) -> int:
        """Bytes of all files below it."""

    @abstractmethod
    def newest(self) -> float:
        """When something below it was last written, in seconds since 1970.

        The time is now where somebody is deleting in it.
        """

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around what Lance and Icechunk do here: their errors are told for people, where known.

        Raises
        ------
        StoreError
            A server refuses the credentials, or its words repeat them.
        """
        yield

    @abstractmethod
    def lance_options(self) -> dict[str, str] | None:
        """What Lance needs to open a table here; secrets are in it."""

    @abstractmethod
    def icechunk_storage(self) -> Any:
        """Icechunk's storage of a repository here; secrets are in it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)

    def __str__(self) -> str:
        return self.url

    def __repr__(self) -> str:
        return f"<Place {self.url!r}>"
