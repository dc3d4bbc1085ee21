"""Source files, held against the hashes that were kept of them, before they are used."""

from __future__ import annotations

from pathlib import Path

from explorer.errors import SourceChangedError
from explorer.item import Item
from explorer.peek_file import sha256_of


def check_sources(item: Item, *, touched_only: bool = False) -> None:
    """Refuse sources that are not as they were.

    Parameters
    ----------
    item : Item
    touched_only : bool
        Look at the sizes alone: they were hashed a moment ago.

    Raises
    ------
    UntrustedError
        They lie where this user has not trusted the store to read.
    SourceChangedError
        One is gone or was changed.
    """
    item.check_trust()
    for row in item.sources():
        path = Path(row["uri"])
        try:
            same = path.stat().st_size == row["size"]
            if not touched_only:
                same = same and sha256_of(path) == row["sha256"]
        except OSError as error:
            found = f"{path} cannot be read: {error}"
            raise SourceChangedError(found, where=item.where) from error
        if not same:
            raise SourceChangedError(
                f"{path} was changed since it was ingested",
                where=item.where,
                do="ingest its folder again, which makes a new version of the patient",
            )
