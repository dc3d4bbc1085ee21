"""A first look at one file: its hash, and which reader takes it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from explorer.draft import Header, Source
from explorer.errors import FileRefusedError, FileSkippedError
from explorer.found import Found
from explorer.privacy.hide import is_hidden
from explorer.registry import readers


@dataclass(frozen=True)
class Peeked:
    """What the first look gave: a header, or the reason why there is none."""

    found: Found
    header: Header | None = None
    sha256: str | None = None
    refused: str | None = None
    skipped: str | None = None


def peek_file(found: Found, path: Path | None, known_sha256: str | None = None) -> Peeked:
    """Look at a file.

    Parameters
    ----------
    found : Found
    path : pathlib.Path or None
        Where its bytes are now (unpacked, for an archive's member).
    known_sha256 : str, optional
        Of an unchanged file that was hashed before.

    Returns
    -------
    Peeked
        Never raises for what is in the file.
    """
    if found.refused or found.skipped or path is None:
        return Peeked(found, refused=found.refused, skipped=found.skipped)
    digest: str | None = None
    try:
        digest = known_sha256 or sha256_of(path)
        size = path.stat().st_size if is_hidden(found.uri) else found.size
        source = Source(
            path, found.uri, found.relative, path == found.path or found.tag is not None, size,
            found.mtime_ns, digest, found.tag,
        )  # fmt: skip
        for reader in readers():
            header = reader.peek(source)
            if header is not None:
                return Peeked(found, header, digest)
    except FileSkippedError as error:
        return Peeked(found, sha256=digest, skipped=error.message)
    except FileRefusedError as error:
        return Peeked(found, sha256=digest, refused=error.message)
    except OSError as error:
        return Peeked(found, sha256=digest, refused=f"cannot be read: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - one bad file never stops an ingest
        return Peeked(found, sha256=digest, refused=f"{type(error).__name__}: {error}")
    return Peeked(found, sha256=digest, skipped="no reader knows this kind of file")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with open(os.fspath(path), "rb") as file:  # noqa: PTH123 - hashlib wants the raw handle
        return hashlib.file_digest(file, "sha256").hexdigest()
