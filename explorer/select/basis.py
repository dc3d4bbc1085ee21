"""Basis: the patients that a cohort is chosen from, at fixed versions, a column at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.facet import Ints
from explorer.layout import HEADS, RECORDS, UNASSIGNED
from explorer.records import Head

if TYPE_CHECKING:
    from explorer.store import Store

_TRIES = 5
_MOST_BYTES = 256 * 2**20
T = TypeVar("T")


class Basis:
    """Patients by position, in the order of their labels, and their rows.

    Parameters
    ----------
    store : Store
    heads : pyarrow.Table
        Rows of the table ``patients``, one a patient.
    labels : sequence of str
        In the same order (hostile text).
    version : int or None
        Of the table ``patients`` that the heads are all of; None where they are of several.

    Attributes
    ----------
    keys : pyarrow.Array
        Of the patients.
    """

    def __init__(
        self, store: Store, heads: pa.Table, labels: Sequence[str], version: int | None = None
    ) -> None:
        self.store, self.labels = store, list(labels)
        self.heads = heads.combine_chunks()
        keys = self.heads["patient"].combine_chunks()
        self.keys = keys if isinstance(keys, pa.Array) else pa.array([], pa.string())
        self._version = version
        self._columns: dict[tuple[str, str], tuple[pa.Table, Ints]] = {}
        self._once: dict[str, Any] = {}

    @classmethod
    def now(cls, store: Store) -> Basis:
        """Every patient of a store as it is now; those who were joined are part of the other."""
        for _ in range(_TRIES):
            version = store.records.table_version("patients")
            said = store.records.visible(
                "attributes", ["patient", "label", "came_as"], without=UNASSIGNED
            )
            heads = store.records.read("patients")
            if store.records.table_version("patients") == version:
                break
        else:
            version = None
        said = said.filter(pc.invert(pc.fill_null(pc.not_equal(said["came_as"], ""), False)))
        named = pc.if_else(pc.equal(said["label"], ""), None, said["label"])
        said = pa.table({"patient": said["patient"], "label": pc.coalesce(named, said["patient"])})
        place = pc.index_in(said["patient"], value_set=heads["patient"])
        known = pc.is_valid(place)
        said, place = said.filter(known), place.filter(known)
        order = pc.sort_indices(said, [("label", "ascending"), ("patient", "ascending")])
        labels = said["label"].take(order).to_pylist()
        return cls(store, heads.take(place.take(order)), labels, version)

    @classmethod
    def of_heads(cls, store: Store, heads: Iterable[Head], labels: Mapping[str, str]) -> Basis:
        """Patients at versions that somebody names."""
        rows = [head.row() for head in heads]
        named = [labels.get(row["patient"]) or row["patient"] for row in rows]
        return cls(store, pa.Table.from_pylist(rows, schema=HEADS), named)

    @property
    def count(self) -> int:
        """How many patients it has."""
        return len(self.keys)

    def positions(self, keys: Iterable[str]) -> Ints:
        """Where some patients stand; those whom it does not have are left out."""
        found = pc.index_in(pa.array(list(keys), pa.string()), value_set=self.keys)
        places: Ints = found.drop_null().to_numpy(zero_copy_only=False).astype(np.int32)
        return places

    def rows(self, table: str, columns: Sequence[str]) -> pa.Table:
        """Rows of a record table at the patients' versions; ``patient`` is the first column."""
        names = list(dict.fromkeys(("patient", *columns)))
        if self._version is not None:
            data = self.store.records.visible(table, names, without=UNASSIGNED)
            # what was read is of the heads only if nobody has moved one meanwhile
            if self.store.records.table_version("patients") == self._version:
                known = pc.is_in(data["patient"], value_set=self.keys)
                return data if pc.all(known, min_count=0).as_py() else data.filter(known)
        wanted = list(dict.fromkeys((*names, "commit")))
        data = self.store.records.read(table, columns=wanted)
        at = self.heads[f"at_{table}"].combine_chunks()
        place = pc.index_in(data["commit"], value_set=at.drop_null())
        owners = self.keys.filter(pc.is_valid(at)).take(place.combine_chunks())
        held = pc.fill_null(pc.equal(data["patient"], owners), False)
        return data.filter(held).select(names)

    def table(self, table: str, *columns: str) -> tuple[Ints, pa.Table]:
        """Columns, and the position of each row's patient; kept for the next question."""
        fresh = [name for name in columns if (table, name) not in self._columns]
        if fresh:
            # all columns of a table come from one read, or their rows would not be the same
            old = [name for known, name in self._columns if known == table]
            data = self.rows(table, list(dict.fromkeys((*old, *columns))))
            place = pc.index_in(data["patient"], value_set=self.keys)
            where = place.to_numpy().astype(np.int32)
            for name in data.column_names:
                self._columns[table, name] = data.select([name]), where
        first = self._columns[table, columns[0]][1]
        found = pa.table({name: self._columns[table, name][0][name] for name in columns})
        self._trim(table)
        return first, found

    def _trim(self, current: str) -> None:
        """Forget the columns of other tables where there are too many bytes of them."""
        for name in RECORDS:
            if sum(data.nbytes for data, _ in self._columns.values()) <= _MOST_BYTES:
                return
            if name != current:
                self._columns = {k: one for k, one in self._columns.items() if k[0] != name}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once and kept."""
        if name not in self._once:
            self._once[name] = make()
        found: T = self._once[name]
        return found

    def __getstate__(self) -> dict[str, Any]:
        # another process reads its own columns
        return {**self.__dict__, "_columns": {}, "_once": {}}
