"""IndexColumns: what was known on an index date, of many rows at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.assembly.index_day import IndexDay
from graphs.hetero.lazy_text import Texts, made
from graphs.hetero.text_columns import Ints, nulls

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Times:
    """When rows were known.

    Attributes
    ----------
    day : ndarray of float64, (row,)
        From the patient's time zero; NaN where it is not known.
    date : pyarrow.Array of string, (row,)
    state : pyarrow.Array of string, (row,)
        Why there is no day.
    """

    day: Floats
    date: pa.Array
    state: pa.Array

    def take(self, place: Ints, why: str) -> Times:
        """Times of some rows, by position; where that is -1, not known for a reason."""
        there = place >= 0
        rows = pa.array(np.where(there, place, 0), mask=~there)
        day = np.full(len(place), np.nan)
        day[there] = self.day[place[there]]
        state = pc.if_else(pa.array(there), self.state.take(rows), why)
        return Times(day, self.date.take(rows), state)

    def filter(self, rows: NDArray[np.bool_]) -> Times:
        """Some rows."""
        kept = pa.array(rows)
        return Times(self.day[rows], self.date.filter(kept), self.state.filter(kept))

    @classmethod
    def of_days(cls, day: Floats) -> Times:
        """Days alone."""
        return cls(day, nulls(len(day)), nulls(len(day)))


def chosen(rows: NDArray[np.bool_], one: Times, other: Times) -> Times:
    """One time where the rows say so, else the other."""
    kept = pa.array(rows)
    return Times(
        np.where(rows, one.day, other.day), pc.if_else(kept, one.date, other.date),
        pc.if_else(kept, one.state, other.state),
    )  # fmt: skip


def later_of(one: Times, other: Times) -> Times:
    """As `graphs.assembly.later.later`, row by row."""
    days = ~np.isnan(one.day) & ~np.isnan(other.day)
    after = pc.fill_null(pc.greater(other.date, one.date), False)
    dates = np.asarray(pc.and_(one.date.is_valid(), other.date.is_valid()))
    by_day = other.day > one.day
    # without a day or a date of both: the one without a day, the other one first
    unknown = np.isnan(other.day)
    second = np.where(days, by_day, np.where(dates, np.asarray(after), unknown)).astype(bool)
    return chosen(second, other, one)


class IndexColumns:
    """The index date of each patient, asked of many rows at once.

    Parameters
    ----------
    index : IndexDay
    keys : pyarrow.Array of string, (patient,)
    """

    def __init__(self, index: IndexDay, keys: pa.Array) -> None:
        self.on = index.known_on is not None
        self.plain = index.plain()
        self.later: dict[str, int] = {}
        self._told: list[pa.Table] = []
        cuts = [index.cut(key) for key in keys.to_pylist()] if self.on else []
        self._day = np.array([np.nan if one[0] is None else one[0] for one in cuts], float)
        self._date = pa.array([one[1] for one in cuts], pa.string())
        self._why = pa.array([one[2] for one in cuts], pa.string())

    def allows(self, kind: str, address: Texts, patient: Ints, at: Times) -> NDArray[np.bool_]:
        """Whether each row was known; as `IndexDay.allows`.

        Parameters
        ----------
        kind : str
        address : pyarrow.Array of string, or LazyText, (row,)
        patient : ndarray of int64, (row,)
        at : Times
        """
        if not self.on or not len(patient):
            return np.ones(len(patient), bool)
        address = made(address)
        rows = pa.array(patient)
        why = self._why.take(rows)
        cut, date = self._day[patient], self._date.take(rows)
        given = np.asarray(why.is_null())
        by_day = given & ~np.isnan(at.day) & ~np.isnan(cut)
        by_date = given & ~by_day & np.asarray(pc.and_(at.date.is_valid(), date.is_valid()))
        before = np.asarray(pc.fill_null(pc.less_equal(at.date, date), False))
        with np.errstate(invalid="ignore"):
            known: NDArray[np.bool_] = np.where(by_day, at.day <= cut, by_date & before)
        told = by_day | by_date
        out = np.flatnonzero(~known)
        # of several rows of one address the first that is left out tells why
        code = np.asarray(address.take(pa.array(out)).dictionary_encode().indices)
        out = out[np.sort(np.unique(code, return_index=True)[1])]
        if count := int(told[out].sum()):
            self.later[kind] = self.later.get(kind, 0) + count
        self._not_told(kind, address, at, why, out[~told[out]])
        return known

    def _not_told(self, kind: str, address: pa.Array, at: Times, why: pa.Array, out: Ints) -> None:
        if not len(out):
            return
        kept = pa.array(out)
        dateless = pc.and_(pa.array(np.isnan(at.day)), at.date.is_null())
        silent = pc.is_in(at.state, value_set=pa.array([None, "", "present"], pa.string()))
        reason = pc.if_else(silent, "it has no date", at.state)
        reason = pc.if_else(
            dateless, reason, "its day and the index date count from different zeros"
        )
        reason = pc.coalesce(why, reason)
        kinds = pa.array([kind] * len(out), pa.string())
        self._told.append(
            pa.table({"node": address.take(kept), "kind": kinds, "why": reason.take(kept)})
        )

    def cannot_tell(self) -> pa.Table:
        """What was left out because it cannot be told: node, kind, why."""
        names = ("node", "kind", "why")
        empty: Any = pa.table({name: pa.array([], pa.string()) for name in names})
        return pa.concat_tables([empty, *self._told])
