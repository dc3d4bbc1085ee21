"""The tables that a store was given, with what each of their columns means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.errors import NotFoundError
from explorer.html import table_html
from explorer.layout import UNASSIGNED
from explorer.table_maps import kept_maps

if TYPE_CHECKING:
    from explorer.readers.table_meaning import Meaning
    from explorer.store import Store


@dataclass(frozen=True)
class TableInStore:
    """One file of tables.

    Attributes
    ----------
    name : str
        Its path below the source.
    file : str or None
        Where it was read from; None where the store no longer says so.
    sha256 : str or None
        Of the bytes that were read.
    origin : str
        Of its rows, in every record table.
    meaning : str
        YAML: what ``oncograph ingest --map`` takes.
    by : {'guess', 'person'}
    note : str or None
        Rows, patients, faults.
    """

    name: str
    file: str | None
    sha256: str | None
    origin: str
    meaning: str
    by: str
    note: str | None

    def tables(self) -> list[Meaning]:
        """The meaning as objects, one a sheet."""
        from explorer.readers.table_map import read_map

        return read_map(self.meaning, self.name)


class TablesInStore(list[TableInStore]):
    """Every table, shown as one."""

    def __getitem__(self, name: object) -> TableInStore:  # type: ignore[override]
        """One of them, by its name, the last part of it, its origin, or its number.

        Raises
        ------
        NotFoundError
            No table is so called, or several are.
        """
        if isinstance(name, int):
            return list(self)[name]
        exact = [one for one in self if name in (one.name, one.origin, one.file)]
        found = exact or [one for one in self if one.name.rpartition("/")[2] == name]
        if len(found) == 1:
            return found[0]
        names = ", ".join(one.name for one in (found or self)) or "none"
        raise NotFoundError(
            f"{len(found) or 'No'} tables are called {name!r}", expected=f"one of {names}"
        )

    def _repr_html_(self) -> str:
        rows = [[one.name, one.by, one.note] for one in self]
        return table_html(["table", "meaning said by", "what it held"], rows, f"{len(self)} tables")


def tables(store: Store) -> TablesInStore:
    """List the tables that were taken in.

    Parameters
    ----------
    store : Store

    Returns
    -------
    TablesInStore
        In the order of their names.
    """
    data = store.records.visible("files", ["patient", "uri", "item", "sha256", "reason"])
    files = {row["item"]: row for row in data.to_pylist() if row["patient"] == UNASSIGNED}
    found = []
    for row in kept_maps(store):
        file = files.get(row["origin"], {})
        by = "person" if row["sha256"] else "guess"
        found.append(
            TableInStore(
                row["name"], file.get("uri"), file.get("sha256"), row["origin"], row["text"], by,
                file.get("reason"),
            )
        )  # fmt: skip
    return TablesInStore(sorted(found, key=lambda one: (one.name, one.origin)))
