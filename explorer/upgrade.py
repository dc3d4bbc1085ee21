"""An older store becomes one of the present format, at the first write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from explorer.layout import MARKER, VERSION
from explorer.lock import lock

if TYPE_CHECKING:
    from explorer.store import Store


def upgrade(store: Store) -> None:
    """Add the tables and columns that a store's format does not have yet.

    What is there stays as it is. A kill in the middle leaves a store that still says the old
    version and has some of the new columns: readers bear that, and the next write goes on. A
    program that knows only the old version refuses the store afterwards.

    Parameters
    ----------
    store : Store
    """
    if store.version >= VERSION:
        return
    with lock(store.place, "identity"):
        store.records.add_missing()
        marker = store.place / MARKER
        about = {**json.loads(marker.read_bytes()), "version": VERSION}
        # the marker appears whole, and last
        marker.write_bytes((json.dumps(about, indent=1) + "\n").encode())
    store.version = VERSION
