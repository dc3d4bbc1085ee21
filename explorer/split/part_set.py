"""PartSet: some patients of a set, at its versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import NotFoundError
from explorer.patient import Patient
from explorer.patient_set import PatientSet
from explorer.records import Head


class PartSet(PatientSet):
    """A part of a split: reads what the whole set reads, and nobody else's rows.

    Parameters
    ----------
    whole : PatientSet
        A lazy or a frozen one.
    keys : iterable of str
        Who is in the part.
    name : str
        'train', 'test', ...
    """

    def __init__(self, whole: PatientSet, keys: Iterable[str], name: str) -> None:
        super().__init__(whole.store, name)
        self.whole = whole
        self._mine = frozenset(keys)

    @property
    def heads(self) -> tuple[Head, ...]:
        """The patients' versions, in the order of their labels."""
        return tuple(head for head in self.whole.heads if head.patient in self._mine)

    @property
    def labels(self) -> dict[str, str]:
        """Key to label (hostile text), in the order of the heads."""
        return {key: one for key, one in self.whole.labels.items() if key in self._mine}

    def patients(self, tables: Sequence[str] = ()) -> list[Patient]:
        """The patients at their versions, rows of some tables read at once."""
        return [one for one in self.whole.patients(tables) if one.key in self._mine]

    def rows(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a record table at the set's versions; see `PatientSet.rows`."""
        data = self.whole.rows(table, columns)
        mine = pa.array(sorted(self._mine), pa.string())
        return data.filter(pc.is_in(data["patient"], value_set=mine))

    @property
    def proves_sources(self) -> bool:
        """As the whole set does."""
        return self.whole.proves_sources

    def _resolve(self, name: str) -> str:
        return self.whole._resolve(name)

    def _patient(self, head: Head) -> Patient:
        return self.whole._patient(head)

    def __getitem__(self, name: str) -> Patient:
        found = self.whole[name]
        if found.key not in self._mine:
            raise NotFoundError(f"No patient {name!r} in the part", where=self.name or None)
        return found

    def __repr__(self) -> str:
        return f"<Part {self.name!r}: {len(self)} patients>"
