"""A file that was met below a source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Found:
    """A file that was met.

    Attributes
    ----------
    uri : str
        Absolute path, or ``archive.zip!member``; an archive within an archive adds a ``!``.
    relative : str
        Below the source root, with ``/``.
    root : str
        Folder that the source tree begins at.
    path : pathlib.Path or None
        None where it still has to be unpacked, or cannot be read (`refused` says why).
    size, mtime_ns : int
        Of a member: its own size, unpacked, and the outermost archive's time.
    archive : pathlib.Path or None
        The outermost archive that it lies in.
    chain : tuple of str
        The names from the outermost archive inwards: archives within it, then the member.
    offset : int
        Where it begins in its archive: a zip's local header, the bytes in an unpacked tar.
    apart : int
        Members whose names may be one to a file system (``A.dcm`` and ``a.dcm``) are unpacked
        into folders of different numbers.
    tag : str or None
        The entity tag of an object on S3, which is fetched before it is read.
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
    chain: tuple[str, ...] = ()
    offset: int = 0
    apart: int = 0
    refused: str | None = None
    skipped: str | None = None
    tag: str | None = None

    @property
    def member(self) -> str | None:
        """The member's name within the outermost archive, with ``!`` between archives."""
        return "!".join(self.chain) if self.chain else None
