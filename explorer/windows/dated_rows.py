"""dated_rows: the rows of a record table of some patients, each with its day from time zero."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import NotFoundError
from explorer.patient_set import PatientSet

#: Tables whose rows may be dated, and the columns that say what a row is.
DATED: dict[str, tuple[str, ...]] = {
    "facts": ("name",),
    "events": ("kind", "name"),
    "observations": ("name",),
    "vectors": ("name",),
    "texts": ("name",),
    "findings": ("entity",),
    "items": ("modality",),
}
_NO_REPORT = "cannot tell: the report that it was read from is not there"


def dated_rows(patients: PatientSet, table: str, columns: Sequence[str] = ()) -> pa.Table:
    """Read rows with the days that the patients' time zeros give them.

    A finding has the day of the report that it was read from; only findings of the newest run
    of their producer are read.

    Parameters
    ----------
    patients : PatientSet
    table : str
        A key of `DATED`.
    columns : sequence of str
        To be read besides.

    Returns
    -------
    pyarrow.Table
        ``patient``, ``what`` (of an event its kind and name, of an item its modality), ``nth``
        (place among the patient's rows of the same `what`, of an observation among those of one
        source, from 1), ``day`` (null where there is
        none), ``day_state``, then the columns.

    Raises
    ------
    NotFoundError
        The table has no dated rows.
    """
    if table not in DATED:
        raise NotFoundError(f"No dated table {table!r}", expected=f"one of {', '.join(DATED)}")
    more = list(dict.fromkeys(one for one in columns if one not in ("patient", "day", "day_state")))
    if table == "findings":
        data = _findings(patients, more)
    else:
        extra = ("origin", "source") if table == "observations" else ()
        data = patients.rows(table, ["day", "day_state", *DATED[table], *extra, *more])
    what = [pc.fill_null(data[name], "") for name in DATED[table]]
    named = what[0] if len(what) == 1 else pc.binary_join_element_wise(*what, ":")
    day_state = pc.if_else(
        pc.is_valid(data["day"]), "present",
        pc.fill_null(pc.if_else(pc.equal(data["day_state"], "present"), None, data["day_state"]),
                     "absent: the row has no date"),
    )  # fmt: skip
    # an observation's address names the source that it was read from
    among = named
    if table == "observations":
        among = pc.coalesce(data["origin"], data["source"], pa.scalar(""))
    made = [data["patient"], named, _nth(data["patient"], among), data["day"], day_state]
    names = ["patient", "what", "nth", "day", "day_state"]
    return pa.table([*made, *(data[one] for one in more)], names=[*names, *more])


def _findings(patients: PatientSet, more: list[str]) -> pa.Table:
    wanted = list(dict.fromkeys(("item", "current", "entity", *more)))
    data = patients.rows("findings", wanted)
    data = data.filter(pc.fill_null(data["current"], False))
    texts = patients.rows("texts", ["item", "day", "day_state"])
    found = pc.index_in(_pair(data), value_set=_pair(texts))
    day, state = texts["day"].take(found), texts["day_state"].take(found)
    state = pc.if_else(pc.is_valid(found), state, _NO_REPORT)
    return data.append_column("day", day).append_column("day_state", state)


def _pair(data: pa.Table) -> pa.Array:
    both = pc.binary_join_element_wise(data["patient"], pc.fill_null(data["item"], ""), "/")
    return both.combine_chunks() if isinstance(both, pa.ChunkedArray) else both


def _nth(patient: pa.ChunkedArray, what: pa.ChunkedArray) -> pa.Array:
    """Place of each row among those of the same patient and name, in the order of the table."""
    if not len(patient):
        return pa.array([], pa.int64())
    one = pc.dictionary_encode(patient.combine_chunks()).indices.to_numpy().astype(np.int64)
    other = pc.dictionary_encode(_whole(what)).indices.to_numpy().astype(np.int64)
    both = one * (int(other.max()) + 1) + other
    order = np.argsort(both, kind="stable")
    sorted_ = both[order]
    starts = np.flatnonzero(np.r_[True, sorted_[1:] != sorted_[:-1]])
    counted = np.arange(len(both)) - np.repeat(starts, np.diff(np.r_[starts, len(both)]))
    nth = np.empty(len(both), np.int64)
    nth[order] = counted + 1
    return pa.array(nth)


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
