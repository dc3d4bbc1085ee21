"""AttachedIndex: a public index as a table beside a store's own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from explorer.errors import StoreError
from explorer.index.link import Link
from explorer.index.public_index import PublicIndex
from explorer.layout import ALL_TABLES

if TYPE_CHECKING:
    from explorer.store import Store

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


class AttachedIndex:
    """A public index that `store.sql` sees.

    Its table has the index's columns and three more: ``patient``, the key of the store's patient
    (null where it is nobody's, or cannot be told), ``patient_state``, which says why, and
    ``held``, whether the store has the series.

    Parameters
    ----------
    store : Store
    index : PublicIndex
    name : str
        Of the table.
    issuer, collections
        Whose identifiers which collections use; see `Link`.

    Raises
    ------
    StoreError
        The name is no plain one, or is that of a table of the store.
    """

    def __init__(
        self,
        store: Store,
        index: PublicIndex,
        name: str = "idc",
        issuer: str | None = None,
        collections: str | Iterable[str] | None = None,
    ) -> None:
        if not _NAME.fullmatch(name) or name in ALL_TABLES:
            raise StoreError(
                f"A table of an index cannot be called {name!r}",
                expected="a name of small letters, digits and _ that no table of the store has",
            )
        self.store, self.index, self.name = store, index, name
        self.issuer = issuer
        self.collections = (
            collections if collections is None or isinstance(collections, str) else [*collections]
        )
        self.link()  # what was said wrong is told now

    def link(self) -> Link:
        """Who is whom now; the store's patients may change."""
        return Link(self.store, self.index, self.issuer, self.collections)

    def table(self, columns: set[str] | None) -> pa.Table:
        """The table, with the columns that a query names (lower case); None: all."""
        found = self.index.table(self.index.named(columns))
        wanted = {"patient", "patient_state", "held"} if columns is None else columns
        if wanted & {"patient", "patient_state"}:
            link, person = self.link(), pa.array(self.index.persons[0])
            for name, values in (("patient", link.keys), ("patient_state", link.states)):
                found = found.append_column(name, pa.array(values, pa.string()).take(person))
        if "held" in wanted:
            held = self.index.cohort().held(self.store)
            found = found.append_column("held", pa.array(held))
        return found
