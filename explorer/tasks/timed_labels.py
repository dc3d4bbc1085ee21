"""Labels that are times: survival, competing risks, and whether it happened in the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.days_in import days_in
from explorer.errors import TaskError
from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from explorer.windows.glob_match import glob_match
from explorer.windows.patient_places import patient_places
from explorer.windows.phenotype import BEFORE, phenotype
from explorer.windows.row_addresses import row_addresses
from explorer.windows.windowed import Windowed

NO_ZERO = "cannot tell: what its time counts from is not said"
NO_UNIT = "cannot tell: its time has no unit"
SEVERAL = "cannot tell: several times"


@dataclass(eq=False)
class _Times:
    """Of each patient: days from the index day, the cause (0: censored), why not, where."""

    days: NDArray[np.float64]
    cause: NDArray[np.int64]
    state: NDArray[np.object_]
    address: NDArray[np.object_]

    @classmethod
    def none(cls, count: int) -> _Times:
        return cls(
            np.full(count, np.nan), np.zeros(count, np.int64),
            np.full(count, "absent: no row of this outcome", object), np.full(count, None, object),
        )  # fmt: skip


def timed_labels(patients: PatientSet, task: Task) -> pd.DataFrame:
    """Labels of an outcome that a table had, or of facts with times; see `labels`."""
    windowed = task.window.apply(patients)
    times, causes = _outcome(windowed, task) if task.outcome.source == "outcome" else _facts(
        windowed, task
    )  # fmt: skip
    return _labelled(patients, task, times, causes)


def code_labels(patients: PatientSet, task: Task) -> pd.DataFrame:
    """Labels of codes in the outcome window: binary, or the days until the first one."""
    options = task.outcome.options
    made = phenotype(
        patients, task.outcome.names, task.window, incident=bool(options.get("incident", True)),
        follow=options.get("follow"),
    )  # fmt: skip
    if task.kind == "binary":
        return made
    if task.kind != "survival" or task.window.outcome is None:
        raise TaskError(f"A {task.kind} of codes", expected="binary, survival")
    event = (made["state"] == "present").to_numpy()
    end = task.window.outcome[1]
    followed = made["followed"].to_numpy(float, na_value=np.nan)
    days = np.where(event, made["offset"].to_numpy(float, na_value=np.nan), followed)
    days = days if end is None else np.minimum(days, end)
    known = event | made["state"].isin(["absent", "censored"]).to_numpy()
    known &= event | (days > 0)
    made["time"] = np.where(known, days / _length(task), np.nan)
    made["event"] = pd.arrays.BooleanArray(event, ~known)
    state = np.where(known & ~event, "censored", made["state"].to_numpy())
    made["state"] = np.where(~known & (state == "censored"), "cannot tell: no follow-up", state)
    return made[["time", "event", "state", "address"]]


def _outcome(windowed: Windowed, task: Task) -> tuple[_Times, list[str]]:
    """Rows of events that a reader of tables took for an outcome."""
    data = windowed.rows("events", ("kind", "name", "value", "number", "unit", "state"))
    (name,), options = task.outcome.names, task.outcome.options
    held = pc.and_(pc.fill_null(pc.equal(data["kind"], "outcome"), False),
                   glob_match(data["name"], name))  # fmt: skip
    data = data.filter(held)
    if "unit" in options:
        unit = pc.fill_null(data["unit"], "")
        data = data.filter(pc.equal(unit, str(options["unit"] or "")))
    said = pc.fill_null(data["value"], "")
    value = np.asarray(said.to_pylist(), object)
    cause = np.where(value == "event", 1, np.where(value == "censored", 0, -1))
    return _timed(windowed, "events", data, cause, task), ["event"]


def _facts(windowed: Windowed, task: Task) -> tuple[_Times, list[str]]:
    """Facts that a person has named: times, and one that says what happened."""
    options = task.outcome.options
    causes = {str(k): str(v) for k, v in (options.get("causes") or {}).items()}
    happened = options.get("happened") or ()
    happened = (happened,) if isinstance(happened, str | int) else happened
    causes = causes or {str(one): "event" for one in happened}
    order = [one for one in task.classes if one in causes.values()]
    order += [one for one in dict.fromkeys(causes.values()) if one not in order]
    data = windowed.rows("facts", ("name", "value", "number", "unit", "state"))
    keys = pa.array(windowed.patients.keys, pa.string())
    present = data.filter(pc.fill_null(pc.equal(data["state"], "present"), True))
    what = present.filter(pc.equal(present["name"], str(options["event"])))
    said = np.full(len(keys), -1, np.int64)
    number = {value: order.index(cause) + 1 for value, cause in causes.items()}
    codes = np.array([number.get(one or "", 0) for one in what["value"].to_pylist()], np.int64)
    who = patient_places(what, keys)
    said[who] = codes
    unclear = np.unique(who[said[who] != codes])
    made = _Times.none(len(keys))
    for name in task.outcome.names:
        some = present.filter(pc.equal(present["name"], name))
        some = some.filter(pc.is_valid(some["number"]))
        found = _timed(windowed, "facts", some, said[patient_places(some, keys)], task)
        free = np.char.startswith(made.state.astype(str), "absent")
        for one in ("days", "cause", "state", "address"):
            getattr(made, one)[free] = getattr(found, one)[free]
    made.state[unclear] = "cannot tell: both, and not"
    return made, order


def _length(task: Task) -> float:
    """Days in the unit of a task's times."""
    length = days_in(task.unit or "days")
    if length is None:
        raise TaskError(f"Times in {task.unit!r}", expected="days, weeks, months or years")
    return length


def _timed(
    windowed: Windowed, table: str, data: pa.Table, cause: NDArray[np.int64], task: Task
) -> _Times:
    """One time a patient: by its day where it has one, else as the task says that it counts."""
    keys = pa.array(windowed.patients.keys, pa.string())
    made = _Times.none(len(keys))
    who, offset = patient_places(data, keys), data["offset"].to_numpy().astype(float)
    number = data["number"].to_numpy().astype(float)
    unit = pc.fill_null(data["unit"], str(task.outcome.options.get("unit") or task.unit))
    length = {one: days_in(one) for one in pc.unique(unit).to_pylist()}  # None becomes NaN
    scale = np.array([length[one] for one in unit.to_pylist()], float)
    stated = task.outcome.options.get("from") == "index"
    days = np.where(np.isnan(offset) & stated, number * scale, offset)
    state = np.full(len(who), "present", object)
    state[np.isnan(offset)] = NO_ZERO
    if stated:
        state[np.isnan(offset)] = np.where(np.isnan(scale), NO_UNIT, "present")[np.isnan(offset)]
    index = windowed.index["state"].to_numpy()[who]
    gone = index != "present"
    state[gone] = np.array([f"cannot tell: the index: {one}" for one in index[gone]], object)
    why = data["state"].to_pylist()
    state[cause < 0] = "cannot tell: not known whether it happened"
    absent = np.array([one not in (None, "present") for one in why], bool)
    state[absent] = np.array([one for one in why if one not in (None, "present")], object)
    state[(state == "present") & np.isnan(days)] = "cannot tell: no time"
    made.days[who], made.cause[who], made.state[who] = days, cause, state
    made.address[who] = np.array(row_addresses(table, data, windowed.patients.versions), object)
    differs = (made.cause[who] != cause) | ~np.isclose(made.days[who], days, equal_nan=True)
    made.state[who[differs]] = SEVERAL
    return made


def _labelled(patients: PatientSet, task: Task, times: _Times, causes: list[str]) -> pd.DataFrame:
    start, end = task.window.outcome or (0, None)
    days, cause, state = times.days, times.cause.copy(), times.state.copy()
    held = state == "present"
    with np.errstate(invalid="ignore"):
        early = held & ((days < 0) | ((days <= start) & (start > 0)))
        inside = held & ~early & (days <= (np.inf if end is None else end))
    state[early] = np.where(cause[early] > 0, BEFORE, "cannot tell: followed to before the window")
    known = held & ~early
    index = pd.Index(patients.keys, name="patient")
    if task.kind == "binary":
        # as in `Window`, the first day does not belong to the window: it happened before
        now = known & (cause > 0) & (days <= start)
        state[now], known = BEFORE, known & ~now
        one, after = known & inside & (cause > 0), known & (days >= (end or np.inf)) & ~(
            inside & (cause > 0)
        )  # fmt: skip
        state[known] = "censored"
        state[after], state[one] = "absent", "present"
        label = pd.arrays.IntegerArray(one.astype(np.int64), ~(one | after))
        return pd.DataFrame({"label": label, "state": state, "address": times.address}, index)
    if task.kind not in ("survival", "competing risks"):
        raise TaskError(f"A {task.kind} of times", expected="survival, competing risks, binary")
    cause[~inside] = 0
    state[known] = np.where(cause[known] > 0, "present", "censored")
    shown = days if end is None else np.minimum(days, end)
    made: dict[str, Any] = {"time": np.where(known, shown / _length(task), np.nan)}
    if task.kind == "survival":
        made["event"] = pd.arrays.BooleanArray(cause > 0, ~known)
    else:
        made["event"] = pd.arrays.IntegerArray(np.where(known, cause, 0), ~known)
        named = np.array([None, *causes], object)
        made["cause"] = named[np.where(known, cause, 0)]
    return pd.DataFrame({**made, "state": state, "address": times.address}, index)
