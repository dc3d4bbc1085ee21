"""The marker of a store: the file that says that it is one, which one, and of what format."""

from __future__ import annotations

import json
from typing import Any

from explorer.errors import NotFoundError, StoreError
from explorer.layout import FORMAT, MARKER, VERSION
from explorer.place import Place


def read_marker(place: Place, named: str) -> dict[str, Any]:
    """Read what a store says of itself.

    Parameters
    ----------
    place : Place
    named : str
        As the user named it, for the message.

    Returns
    -------
    dict
        With ``id`` and ``version``, an int.

    Raises
    ------
    NotFoundError
        There is no store.
    StoreError
        The marker is not oncograph's, or of a newer format than this oncograph knows.
    """
    try:
        about = json.loads((place / MARKER).read_bytes())
    except FileNotFoundError:
        raise NotFoundError(
            f"No store at {named!r}",
            expected=f"a folder with {MARKER}",
            do=f"make one: oncograph ingest FOLDER --store {named}",
        ) from None
    except (ValueError, OSError) as error:
        raise StoreError(f"{MARKER} cannot be read: {error}", where=place.url) from error
    known = isinstance(about, dict) and about.get("format") == FORMAT
    if not known or not isinstance(about.get("version"), int) or "id" not in about:
        raise StoreError(f"{MARKER} is not oncograph's", where=place.url)
    if about["version"] > VERSION:
        raise StoreError(
            f"The store has format {about['version']}",
            expected=f"at most {VERSION}",
            where=place.url,
            do="use a newer oncograph",
        )
    return dict(about)
