"""An edit of a whole patient, under its lock: the rows of every identity, all tables read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from explorer.edit import Edit
from explorer.errors import NotFoundError
from explorer.layout import RECORDS
from explorer.lock import lock

if TYPE_CHECKING:
    from explorer.store import Store


@contextmanager
def whole_edit(store: Store, key: str) -> Iterator[Edit]:
    """Hold a patient's lock, and read what the commit will build on.

    Parameters
    ----------
    store : Store
    key : str

    Yields
    ------
    Edit

    Raises
    ------
    NotFoundError
        There is no such patient.
    """
    with lock(store.place, key) as still_held:
        head = store.records.head(key)
        if head is None:
            raise NotFoundError(f"No patient {key!r}", where=store.url)
        rows = {table: store.records.rows(table, head) for table in RECORDS}
        yield Edit(key, head, rows, locked=True, still_held=still_held)
