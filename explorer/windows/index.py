"""Index: what a patient's index day is, and when it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.anchor import FIRST_STUDY
from explorer.errors import TaskError
from explorer.layout import RECORDS
from explorer.patient_set import PatientSet
from explorer.windows.dated_rows import DATED, dated_rows
from explorer.windows.glob_match import glob_match
from explorer.windows.patient_places import patient_places
from explorer.windows.row_addresses import ADDRESS_COLUMNS, row_addresses

WHICH = ("first", "last", "only")
TIME_ZERO = "time zero"
_FIRST_REPORT = "first report"


@dataclass(frozen=True)
class Index:
    """The day that a task looks back and forward from.

    Attributes
    ----------
    table : str
        ``time zero`` for the patient's own, else 'events', 'items', 'texts', 'facts',
        'observations', 'vectors' or 'findings': a row of it.
    where : dict of str to str
        Column to pattern (``*`` and ``?``, without regard to case): ``{"kind": "treatment"}``.
        Of time zero: ``{"kind": "diagnosis"}`` asks for one of that kind.
    which : {'first', 'last', 'only'}
        Of several days; 'only' refuses them.
    undated : {'cannot tell', 'ignore'}
        Whether rows that fit and have no day leave open which one was the first.
    """

    table: str = TIME_ZERO
    where: dict[str, str] = field(default_factory=dict)
    which: str = "first"
    undated: str = "cannot tell"

    def __post_init__(self) -> None:
        if self.table != TIME_ZERO and self.table not in DATED:
            raise TaskError(
                f"An index from {self.table!r}", expected=f"{TIME_ZERO}, {', '.join(DATED)}"
            )
        if self.which not in WHICH or self.undated not in ("cannot tell", "ignore"):
            raise TaskError(
                f"which={self.which!r}, undated={self.undated!r}",
                expected=f"which: {', '.join(WHICH)}; undated: cannot tell, ignore",
            )
        known = ("kind",) if self.table == TIME_ZERO else tuple(RECORDS[self.table].names)
        for name in self.where:
            if name not in known:
                raise TaskError(f"No column {name!r}", where=f"an index from {self.table}")

    @classmethod
    def of(cls, said: Index | str | Mapping[str, Any]) -> Index:
        """Read what a person wrote.

        Parameters
        ----------
        said : Index, str or mapping
            'time zero'; 'first study' (the first dated image); 'first report'; any other text is
            the kind of an event, such as 'treatment', or of a time zero, such as 'diagnosis', and
            whoever has a time zero of that kind has it as his index; a mapping has the attributes.

        Raises
        ------
        TaskError
            It says nothing that can be looked up.
        """
        if isinstance(said, Index):
            return said
        if isinstance(said, str):
            if said == TIME_ZERO:
                return cls()
            if said == FIRST_STUDY:
                return cls("items", {"kind": "image"})
            if said == _FIRST_REPORT:
                return cls("texts")
            if not said.strip():
                raise TaskError("An index without a name", expected="time zero, treatment, ...")
            return cls("events", {"kind": said})
        unknown = set(said) - {"table", "where", "which", "undated"}
        if unknown:
            raise TaskError(f"An index with {sorted(unknown)}", expected="table, where, which")
        where = said.get("where") or {}
        if not isinstance(where, Mapping):
            raise TaskError("An index whose where is no mapping", expected="column: pattern")
        return cls(
            str(said.get("table", TIME_ZERO)), {str(k): str(v) for k, v in where.items()},
            str(said.get("which", "first")), str(said.get("undated", "cannot tell")),
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """The same as a mapping."""
        return {
            "table": self.table, "where": dict(sorted(self.where.items())), "which": self.which,
            "undated": self.undated,
        }  # fmt: skip

    def __str__(self) -> str:
        asked = ", ".join(f"{name} {value}" for name, value in self.where.items())
        if self.table == TIME_ZERO:
            return f"time zero ({asked})" if asked else "time zero"
        return f"the {self.which} of {self.table}" + (f" with {asked}" if asked else "")

    def days(self, patients: PatientSet) -> pd.DataFrame:
        """Find each patient's index day.

        Parameters
        ----------
        patients : PatientSet

        Returns
        -------
        pandas.DataFrame
            A row a patient, indexed by key: ``day`` from time zero (Int64), ``state`` ('present',
            'absent: ...', 'cannot tell: ...'), ``address`` of the evidence, ``rows`` and
            ``undated`` (how many fit, and how many of them have no day).
        """
        zero = _time_zero(patients, self.where.get("kind", "*"))
        if self.table == TIME_ZERO:
            return zero
        found = self._of_rows(patients)
        if self.table == "events" and set(self.where) == {"kind"}:
            held = zero["state"].to_numpy() == "present"
            found.loc[held] = zero.loc[held]
        return found

    def _of_rows(self, patients: PatientSet) -> pd.DataFrame:
        state = ("state",) if "state" in RECORDS[self.table].names else ()
        wanted = (*self.where, *state, *ADDRESS_COLUMNS[self.table])
        data = dated_rows(patients, self.table, wanted)
        for name, pattern in self.where.items():
            data = data.filter(glob_match(data[name], pattern))
        keys = pa.array(patients.keys, pa.string())
        count = len(keys)
        said = np.full(count, "absent: no row fits", object)
        if state:
            there = pc.fill_null(pc.equal(data["state"], "present"), True)
            out = data.filter(pc.invert(there))
            said[patient_places(out, keys)] = out["state"].to_pylist()
            data = data.filter(there)
        who = patient_places(data, keys)
        day = data["day"].to_numpy().astype(float)
        rows = np.bincount(who, minlength=count)
        undated = np.bincount(who[np.isnan(day)], minlength=count)
        order = np.lexsort((np.arange(len(who)), -day if self.which == "last" else day, who))
        order = order[~np.isnan(day[order])]
        of, first = np.unique(who[order], return_index=True)
        chosen = order[first]
        found, address = np.full(count, np.nan), np.full(count, None, object)
        found[of], said[of] = day[chosen], "present"
        taken = data.take(pa.array(chosen, pa.int64()))
        address[of] = row_addresses(self.table, taken, patients.versions)
        if self.which == "only":
            latest = np.full(count, -np.inf)
            np.maximum.at(latest, who[order], day[order])
            said[of[latest[of] > found[of]]] = "cannot tell: several days"
        said[(rows > 0) & (undated == rows)] = "cannot tell: no row that fits has a day"
        if self.undated == "cannot tell":
            said[(undated > 0) & (undated < rows)] = "cannot tell: a row that fits has no day"
        return _frame(patients, found, said, address, rows, undated)


def _frame(
    patients: PatientSet,
    day: NDArray[np.float64],
    state: NDArray[np.object_],
    address: NDArray[np.object_],
    rows: NDArray[Any],
    undated: NDArray[Any],
) -> pd.DataFrame:
    none = np.isnan(day) | (state != "present")
    whole = np.where(none, 0, day).astype(np.int64)
    return pd.DataFrame(
        {
            "day": pd.arrays.IntegerArray(whole, none),
            "state": state, "address": address, "rows": rows, "undated": undated,
        },
        index=pd.Index(patients.keys, name="patient"),
    )  # fmt: skip


def _time_zero(patients: PatientSet, kind: str) -> pd.DataFrame:
    data = patients.rows("attributes", ["came_as", "anchor_kind"])
    data = data.filter(pc.and_(pc.is_null(data["came_as"]), pc.is_valid(data["anchor_kind"])))
    data = data.filter(pc.not_equal(data["anchor_kind"], ""))
    keys = pa.array(patients.keys, pa.string())
    state = np.full(len(keys), "absent: no time zero", object)
    state[patient_places(data, keys)] = "cannot tell: time zero is of another kind"
    held = np.zeros(len(keys), bool)
    held[patient_places(data.filter(glob_match(data["anchor_kind"], kind)), keys)] = True
    state[held] = "present"
    address = np.full(len(keys), None, object)
    versions = patients.versions
    address[held] = [
        f"onco:{key}/patients/{key}@{versions[key]}"
        for key in np.array(patients.keys, object)[held].tolist()
    ]
    day = np.where(held, 0.0, np.nan)
    return _frame(patients, day, state, address, held.astype(np.int64), np.zeros(len(keys), int))
