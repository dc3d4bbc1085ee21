"""One file's part of an ingest: unpacked or fetched where needed, hashed, shown to the readers."""

from __future__ import annotations

from pathlib import Path

from explorer.deidentify import Deidentification, People
from explorer.errors import FileRefusedError
from explorer.found import Found
from explorer.peek_file import Peeked, peek_file
from explorer.privacy.look import look_deidentified
from explorer.unpack import unpack


def look(
    found: Found,
    scratch: Path,
    known_sha256: str | None,
    how: Deidentification | None = None,
    people: People | None = None,
) -> Peeked:
    """Unpack where needed, hash, and ask the readers: one file's part of a run.

    With `how` the readers are asked about a de-identified copy, and never see the file.
    """
    if how is not None:
        return look_deidentified(found, how, people or {})
    path = found.path
    if (found.archive or found.tag) and not (found.refused or found.skipped):
        try:
            path = unpack(found, scratch) if found.tag is None else _fetch(found, scratch)
        except FileRefusedError as error:
            return Peeked(found, refused=error.message)
    return peek_file(found, path, known_sha256)


def _fetch(found: Found, scratch: Path) -> Path:
    from explorer.s3_source import fetch_object

    return fetch_object(found.uri, str(found.tag), scratch)
