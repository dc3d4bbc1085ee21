"""Source files, held against the hashes that were kept of them, before they are used."""

from __future__ import annotations

from explorer.errors import SourceChangedError
from explorer.item import Item
from explorer.source_file import source_sha256, source_size


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
        path = row["uri"]
        try:
            same = source_size(path) == row["size"]
            if not touched_only:
                same = same and source_sha256(path) == row["sha256"]
        except OSError as error:
            gone = isinstance(error, FileNotFoundError)
            found = f"{path} {'is gone' if gone else f'cannot be read: {error}'}"
            raise SourceChangedError(found, where=item.where) from error
        if not same:
            raise SourceChangedError(
                f"{path} was changed since it was ingested",
                where=item.where,
                do="ingest its folder again, which makes a new version of the patient",
            )
