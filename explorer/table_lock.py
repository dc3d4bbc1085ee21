"""The lock of a store's tables: whoever writes rows holds it, for as long as that takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from explorer.lock import lock
from explorer.place import Place

_WAIT_S = 600.0
_held = threading.local()


@contextmanager
def table_lock(store: Place) -> Iterator[None]:
    """Hold the tables; a thread that holds them already goes on.

    A commit is some hundredths of a second. With the tables held no row is on its way that no
    head names yet, so that what looks like an orphan is one, and an old version of a table that
    is deleted is in nobody's hands: `compact` and `erase` rest on that. On S3, where every step is
    a conditional write and a lock costs more than a commit, nothing is held: do these two there
    when nobody writes.

    Parameters
    ----------
    store : Place

    Raises
    ------
    StoreError
        Another process holds them for too long.
    """
    depths: dict[str, int] = _held.__dict__.setdefault("depths", {})
    if not store.local:
        yield
        return
    if depths.get(store.url):
        depths[store.url] += 1
        try:
            yield
        finally:
            depths[store.url] -= 1
        return
    with lock(store, "tables", _WAIT_S):
        depths[store.url] = 1
        try:
            yield
        finally:
            del depths[store.url]
