"""A source file that the store has a reference to: in a folder of this machine, or on S3."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from explorer.errors import StoreError
from explorer.on_s3 import on_s3
from explorer.peek_file import sha256_of
from explorer.trust import is_below


def source_size(uri: str) -> int:
    """Bytes of a source file.

    Raises
    ------
    OSError
        It is gone, or cannot be read.
    StoreError
        It is on S3, and the server cannot be asked.
    """
    if on_s3(uri):
        from explorer.s3_source import S3Source

        return S3Source.object(uri).state().size
    return Path(uri).stat().st_size


def source_sha256(uri: str) -> str:
    """SHA-256 of a source file's bytes as they are now, hexadecimal.

    Raises
    ------
    OSError, StoreError
        As in `source_size`.
    """
    if on_s3(uri):
        from explorer.s3_source import S3Source

        return S3Source.object(uri).sha256()
    return sha256_of(Path(uri))


def source_is_there(uri: str, readable: Iterable[str] = ()) -> bool:
    """Whether there is such a file; an object that cannot be asked for is taken to be there.

    Parameters
    ----------
    uri : str
    readable : iterable of str
        Of the store (`Store.readable_roots`): no server is asked for anything else.
    """
    if not on_s3(uri):
        return Path(uri).exists()
    if not is_below(uri, readable):
        return True
    try:
        source_size(uri)
    except FileNotFoundError:
        return False
    except (OSError, StoreError):
        return True
    return True
