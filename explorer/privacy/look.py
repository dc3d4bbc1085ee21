"""A first look at a file that is de-identified: only its copy is ever read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.deidentify import TEXTS, Deidentification, deidentify, speaks_of
from explorer.draft import Source
from explorer.errors import FileRefusedError, FileSkippedError
from explorer.found import Found
from explorer.peek_file import Peeked, peek_file
from explorer.privacy.identifiers import Identifiers
from explorer.readers.folder_hint import folder_hint
from explorer.unpack import unpack

if TYPE_CHECKING:
    from explorer.deidentify import People


def look_deidentified(found: Found, how: Deidentification, people: People) -> Peeked:
    """De-identify a file and look at the copy.

    Parameters
    ----------
    found : Found
        With a hidden name (`explorer.privacy.hide.hide`).
    how : Deidentification
    people : mapping
        As in `deidentify`.

    Returns
    -------
    Peeked
        Nothing in it is of the file's own names; it never raises for what is in the file.
    """
    if found.refused or found.skipped:
        return Peeked(found, refused=found.refused, skipped=found.skipped)
    path = None
    try:
        path = _bytes_of(found, how)
        target = copy_of(found, how)
        done = deidentify(path, target, how, people, _whose(found, target, how))
    except FileSkippedError as error:
        return Peeked(found, skipped=error.message)
    except FileRefusedError as error:
        return Peeked(found, refused=error.message)
    except Exception as error:  # noqa: BLE001 - what it says may have the file's contents in it
        return Peeked(found, refused=f"It cannot be de-identified ({type(error).__name__})")
    finally:
        if path is not None and found.archive is not None:
            path.unlink(missing_ok=True)
    peeked = peek_file(found, target)
    if peeked.header is not None:
        peeked.header.detail["deidentified"] = {"risks": done.risks, "head": done.head}
        if peeked.header.kind in ("records", "table") and done.risks:
            # what has no item has its file's row to say it
            said = [peeked.header.note] if peeked.header.note else []
            peeked.header.note = "; ".join([*said, *done.risks])
    return peeked


def _whose(found: Found, target: Path, how: Deidentification) -> str | None:
    """The patient that a text will be given to, as its reader and `assign` tell."""
    if target.suffix.lower() not in TEXTS:
        return None
    if how.patient is not None:
        return how.secret.pseudonym(how.patient)
    source = Source(target, found.uri, found.relative, False, 0, found.mtime_ns, "")
    return folder_hint(source).identifier


def learn(found: Found, how: Deidentification) -> list[tuple[str, Identifiers]]:
    """What a file says of its patients; nothing where it cannot be read."""
    if found.refused or found.skipped:
        return []
    path = None
    try:
        path = _bytes_of(found, how)
        return list(speaks_of(path))
    except Exception:  # noqa: BLE001 - it is told when the file is looked at
        return []
    finally:
        if path is not None and found.archive is not None:
            path.unlink(missing_ok=True)


def copy_of(found: Found, how: Deidentification) -> Path:
    """Where the copy lies: below the run's folder, under its hidden name."""
    return how.copies / found.root.rpartition("/")[2] / found.relative.replace("\\", "/")


def _bytes_of(found: Found, how: Deidentification) -> Path:
    if found.archive is None:
        if found.path is None:
            raise FileRefusedError("it cannot be read")
        return found.path
    try:
        return unpack(found, how.outside)
    except FileRefusedError:
        raise FileRefusedError("it cannot be unpacked") from None
