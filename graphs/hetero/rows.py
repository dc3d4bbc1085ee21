"""Rows: rows of a record table as columns, with the patient of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.assembly.tables import Tables
from graphs.hetero.index_columns import Times
from graphs.hetero.pool import Pool
from graphs.hetero.text_columns import Ints, addresses, coded, floats, nulls, truth, whole


class Rows:
    """Columns of a table, each in one piece.

    Parameters
    ----------
    pool : Pool
    table : pyarrow.Table
    patient : ndarray of int64, (row,), optional
        Where it is known already.
    """

    def __init__(self, pool: Pool, table: pa.Table, patient: Ints | None = None) -> None:
        self._pool, self.table = pool, table
        self._patient = patient
        self._coded: dict[str, pa.DictionaryArray] = {}

    @classmethod
    def read(
        cls,
        pool: Pool,
        tables: Tables,
        table: str,
        columns: Sequence[str],
        *,
        dated: bool = False,
        dates: bool = False,
    ) -> Rows:
        """Read a table.

        Parameters
        ----------
        pool : Pool
        tables : Tables
        table : str
        columns : sequence of str
        dated : bool
            Whether rows have a day of their own, which an index date is compared with.
        dates : bool
            Whether the date is needed without an index date, too.
        """
        more: tuple[str, ...] = ()
        if dated:
            more = ("day", "date", "day_state") if pool.index.on or dates else ("day",)
        return cls(pool, tables.table(table, (*columns, *more)))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def text(self, name: str) -> pa.Array:
        """A column of text; of null where it was not read."""
        if name not in self.table.column_names:
            return nulls(len(self))
        return whole(self.table[name])

    def coded(self, name: str) -> pa.DictionaryArray:
        """A column of text with each text once."""
        if name not in self.table.column_names:
            return nulls(len(self)).dictionary_encode()
        if name not in self._coded:
            self._coded[name] = coded(self.table[name])
        return self._coded[name]

    def number(self, name: str) -> NDArray[np.float64]:
        """A column of numbers; NaN for null."""
        return floats(self.table[name])

    def truth(self, name: str) -> NDArray[np.bool_]:
        """True where it is said to be true."""
        return truth(self.table[name])

    @cached_property
    def key(self) -> pa.Array:
        """The patient's key of each row."""
        return self.text("patient")

    @property
    def patient(self) -> Ints:
        """The patient of each row."""
        if self._patient is None:
            self._patient = self._pool.patients(self.table["patient"])
        return self._patient

    def times(self, date: str = "date") -> Times:
        """When the rows were known."""
        return Times(self.number("day"), self.text(date), self.text("day_state"))

    def by(self) -> pa.Array:
        """Who says it: the origin, else the source."""
        origin = self.text("origin")
        return pc.coalesce(pc.if_else(pc.equal(origin, ""), None, origin), self.text("source"))

    def address(self, collection: str, item: str | pa.Array) -> pa.Array:
        """Addresses of the rows."""
        text = self.text(item) if isinstance(item, str) else item
        return addresses(self.key, collection, text)

    def filter(self, rows: NDArray[np.bool_] | pa.Array) -> Rows:
        """Some rows."""
        kept = np.asarray(rows).astype(bool)
        if kept.all():
            return self
        patient = None if self._patient is None else self._patient[kept]
        return Rows(self._pool, self.table.filter(pa.array(kept)), patient)

    def without(self, *names: str) -> Rows:
        """The same without some columns: what is filtered should be what is needed."""
        return Rows(self._pool, self.table.drop_columns(list(names)), self._patient)

    def take(self, place: Ints) -> Rows:
        """Some rows, by position, in that order."""
        patient = None if self._patient is None else self._patient[place]
        return Rows(self._pool, self.table.take(pa.array(place)), patient)
