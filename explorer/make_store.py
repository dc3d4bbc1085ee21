"""An empty store, made where there is none."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

from explorer.errors import StoreError
from explorer.layout import FORMAT, LOCKS, MARKER, PATIENTS, TABLES, VERSION
from explorer.lock import lock
from explorer.place import Place
from explorer.records import Records, now


def make_store(place: Place) -> None:
    """Make an empty store; one that is there stays as it is.

    Parameters
    ----------
    place : Place

    Raises
    ------
    StoreError
        The folder holds something else.
    """
    if (place / MARKER).exists():
        return
    others = {child.name for child in place.children()} - {LOCKS}
    if others - {TABLES, PATIENTS}:
        raise StoreError(
            f"The folder is not empty: {sorted(others)[:3]}",
            expected="a new folder, or a store",
            where=place.url,
        )
    place.make_folder()
    with lock(place, "identity") as still_held:
        if not (place / MARKER).exists():
            _make(place, still_held)


def _make(place: Place, still_held: Callable[[], None]) -> None:
    for name in (TABLES, PATIENTS):
        (place / name).make_folder()
    Records(place).create()
    about = {
        "format": FORMAT, "version": VERSION, "id": secrets.token_hex(10), "created": now(),
    }  # fmt: skip
    still_held()
    # the marker appears whole, and last
    (place / MARKER).write_bytes((json.dumps(about, indent=1) + "\n").encode())
