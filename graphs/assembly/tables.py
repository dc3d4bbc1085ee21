"""Tables: the rows that a patient graph is made of, a table at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import StoreError
from explorer.layout import RECORDS, UNASSIGNED
from explorer.patient import Patient
from explorer.patient_set import PatientSet
from explorer.store import Store

Cells = tuple[Any, ...]

# From so many patients on one pass through a table is faster than a look-up for each of them.
_COLUMNS_AT = 4


class Tables:
    """Reads columns of the record tables of a patient, of some patients, or of a whole store.

    Parameters
    ----------
    source : Patient, iterable of Patient, PatientSet, or Store
        Patients stay at the version that they were opened at.

    Attributes
    ----------
    store : Store or None
        None where there is no patient to tell it from.
    versions : dict
        Key to version of each patient, in the order of the keys.

    Raises
    ------
    StoreError
        The patients are of several stores, or one stands at two versions.
    """

    def __init__(self, source: Patient | Iterable[Patient] | Store | PatientSet) -> None:
        self._patients: dict[str, Patient] = {}
        self._all = isinstance(source, Store)
        self._set = source if isinstance(source, PatientSet) else None
        if isinstance(source, PatientSet):
            self.store: Store | None = source.store
            self.versions = dict(sorted(source.versions.items()))
            return
        if isinstance(source, Store):
            self.store = source
            self.versions = self._heads()
            return
        given = [source] if isinstance(source, Patient) else list(source)
        for one in given:
            before = self._patients.setdefault(one.key, one)
            if before.version != one.version:
                raise StoreError(
                    f"One patient at versions {before.version} and {one.version}",
                    expected="each patient once: two states are compared with graph_diff",
                    where=f"patient {one.key}",
                )
        if len({one.store.id for one in given}) > 1:
            raise StoreError("The patients are of several stores", expected="one store")
        self.store = given[0].store if given else None
        self.versions = {key: self._patients[key].version for key in sorted(self._patients)}

    def _heads(self) -> dict[str, int]:
        if self.store is None:
            return {}
        heads = self.store.records.read("patients", columns=["patient", "version"])
        gone = {UNASSIGNED, *self.store.records.hidden()}
        found = zip(heads["patient"].to_pylist(), heads["version"].to_pylist(), strict=True)
        return {key: version for key, version in sorted(found) if key not in gone}

    @property
    def columnar(self) -> bool:
        """Whether a table is read once for all, not once for each patient."""
        if self._all or self._set is not None:
            return True
        if len(self.versions) < _COLUMNS_AT:
            return False
        # a patient at an older version has other rows than the visible ones
        heads = self._heads()
        return all(heads.get(key) == version for key, version in self.versions.items())

    def changed(self) -> bool:
        """Whether somebody has committed to a whole store since this was made."""
        return self._all and self._heads() != self.versions

    def read(
        self, table: str, columns: Sequence[str], names: Collection[str] | None = None
    ) -> Iterator[Cells]:
        """The visible rows of the patients.

        Parameters
        ----------
        table : str
        columns : sequence of str
            'patient' is one of them by your own wish.
        names : collection of str, optional
            Only rows of one of these names; 'name' is a column then.

        Yields
        ------
        tuple
            The cells in the order of `columns`.
        """
        if self.store is None or not self.versions:
            return
        if not self.columnar:
            for row in self._each(table, columns):
                if names is None or row[columns.index("name")] in names:
                    yield row
            return
        wanted = list(dict.fromkeys(["patient", *columns]))
        found = self._columns(table, wanted)
        if names is not None:
            wanted_names = pa.array(sorted(names), pa.string())
            found = found.filter(pc.is_in(found["name"], value_set=wanted_names))
        # a slice at a time: the Python objects of all rows at once are what takes memory
        for batch in found.to_batches(max_chunksize=65_536):
            by_name = {name: batch.column(name).to_pylist() for name in wanted}
            yield from zip(*(by_name[name] for name in columns), strict=True)

    def table(self, table: str, columns: Sequence[str]) -> pa.Table:
        """The visible rows of the patients, as columns.

        Parameters
        ----------
        table : str
        columns : sequence of str
            'patient' is always the first.

        Returns
        -------
        pyarrow.Table
        """
        wanted = list(dict.fromkeys(["patient", *columns]))
        if self.store is not None and self.versions and self.columnar:
            return self._columns(table, wanted)
        there = self.store is not None and self.versions
        rows = list(self._each(table, wanted)) if there else []
        kinds = [RECORDS[table].field(name).type for name in wanted]
        cells = list(zip(*rows, strict=True)) or [()] * len(wanted)
        return pa.table(
            {name: pa.array(list(some), kind)
             for name, some, kind in zip(wanted, cells, kinds, strict=True)}
        )  # fmt: skip

    def _columns(self, table: str, wanted: list[str]) -> pa.Table:
        if self._set is not None:
            return self._set.rows(table, wanted).select(wanted)
        if self.store is None:
            raise StoreError("No store", expected="patients of one")
        found = self.store.records.visible(table, wanted, without=UNASSIGNED)
        if self._all:
            return found
        keys = pa.array(list(self.versions), pa.string())
        return found.filter(pc.is_in(found["patient"], value_set=keys))

    def _each(self, table: str, columns: Sequence[str]) -> Iterator[Cells]:
        known = set(RECORDS[table].names)
        for key in self.versions:
            for row in self._patients[key].rows(table):
                yield tuple(row.get(name) if name in known else None for name in columns)
