"""Part: of a joined patient, what came in under one of the identities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.patient import Patient
from explorer.records import Head

if TYPE_CHECKING:
    from explorer.store import Store


class Part(Patient):
    """A patient as ingest sees it: the rows of one identity alone.

    Parameters
    ----------
    store : Store
    head : Head
        Of the visible patient.
    came_as : str
        The key whose rows are wanted; the visible patient's own key for its own.
    """

    def __init__(self, store: Store, head: Head, came_as: str) -> None:
        super().__init__(store, head)
        self.came_as = came_as

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a record table that came in under this identity."""
        if table not in self._rows:
            whole = self.store.records.rows(table, self.head)
            self._rows[table] = [
                row for row in whole if (row["came_as"] or self.head.patient) == self.came_as
            ]
        return self._rows[table]


def part_of(store: Store, key: str) -> Part | None:
    """What a key stands for, be the patient joined or not; None where there is no version yet."""
    head = store.records.head(store.records.hidden().get(key, key))
    return None if head is None else Part(store, head, key)
