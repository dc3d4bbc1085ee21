"""Labels that are values of facts: classes, numbers, several at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from explorer.windows.patient_places import patient_places
from explorer.windows.row_addresses import row_addresses
from explorer.windows.windowed import Windowed

NO_RECORD = "absent: no record"
OUTSIDE = "absent: no record in the outcome window"


def value_labels(patients: PatientSet, task: Task) -> pd.DataFrame:
    """The value of one fact: a class, a number, or whether it reaches a threshold."""
    windowed = task.window.apply(patients)
    options = task.outcome.options
    classes = {str(k): v for k, v in (options.get("classes") or {}).items()}
    threshold = options.get("threshold")

    def label(row: dict[str, Any]) -> Any:
        if task.kind == "regression":
            return row["number"]
        if threshold is not None:
            return None if row["number"] is None else int(row["number"] >= threshold)
        text = row["value"] if row["value"] is not None else row["number"]
        if classes:
            return classes.get(str(text))
        held = text is not None and (not task.classes or str(text) in task.classes)
        return str(text) if held else None

    value, state, address = _one(windowed, task.outcome.names[0], label)
    made = pd.DataFrame({"label": value, "state": state, "address": address},
                        pd.Index(patients.keys, name="patient"))  # fmt: skip
    if task.kind == "regression":
        made["label"] = made["label"].astype(float)
    elif task.kind == "binary":
        made["label"] = pd.array([None if one is None else int(one) for one in value], "Int64")
    return made


def several_labels(patients: PatientSet, task: Task) -> pd.DataFrame:
    """Whether each of several facts has one of the positive values."""
    windowed = task.window.apply(patients)
    positive = task.outcome.options.get("positive") or ("1", "yes", "true", "positive")
    positive = (positive,) if isinstance(positive, str | int | bool) else positive
    wanted = {str(one).lower() for one in positive}
    columns: dict[str, Any] = {}
    states, address = [], np.full(len(patients.keys), None, object)
    for name in task.outcome.names:
        value, state, where = _one(
            windowed, name, lambda row: int(str(row["value"]).lower() in wanted)
        )
        columns[f"label: {name}"] = pd.array(list(value), "Int64")
        states.append(state)
        address = np.where(address == None, where, address)  # noqa: E711 - element by element
    return _together(patients, columns, states, address)


def _together(
    patients: PatientSet,
    columns: dict[str, Any],
    states: list[NDArray[np.object_]],
    address: NDArray[np.object_],
) -> pd.DataFrame:
    """Present where all of the labels are, 'some' where some are, else the first one's state."""
    held = np.array([state == "present" for state in states]).sum(0)
    state = np.where(held == 0, states[0], "present")
    partly = (held > 0) & (held < len(states))
    state[partly] = [f"present: {n} of {len(states)} labels" for n in held[partly]]
    return pd.DataFrame({**columns, "state": state, "address": address},
                        pd.Index(patients.keys, name="patient"))  # fmt: skip


def _one(
    windowed: Windowed, name: str, label: Any
) -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_]]:
    """One label a patient, its state and address; different ones of a patient are none."""
    patients = windowed.patients
    keys = pa.array(patients.keys, pa.string())
    count = len(keys)
    value, state = np.full(count, None, object), np.full(count, NO_RECORD, object)
    address = np.full(count, None, object)
    data = windowed.rows("facts", ("name", "value", "number", "state"))
    data = data.filter(pc.equal(data["name"], name))
    if windowed.window.outcome is not None:
        place = pc.cast(data["place"], pa.string())
        dated = pc.is_valid(data["day"])
        inside = pc.or_(pc.equal(place, "outcome window"), pc.invert(dated))
        state[patient_places(data, keys)] = OUTSIDE
        data = data.filter(inside)
    if not data.num_rows:
        return value, state, address
    who = patient_places(data, keys)
    rows = data.select(["value", "number", "state"]).to_pylist()
    where = row_addresses("facts", data, patients.versions)
    for position, row, at in zip(who.tolist(), rows, where, strict=True):
        said = row["state"] or "present"
        if said != "present":
            if value[position] is None and state[position] in (NO_RECORD, OUTSIDE):
                state[position], address[position] = said, at
            continue
        one = label(row)
        if one is None:
            if value[position] is None:
                state[position], address[position] = "absent: another value", at
        elif value[position] is None and state[position] != "cannot tell: several values":
            value[position], state[position], address[position] = one, "present", at
        elif value[position] != one:
            value[position], state[position] = None, "cannot tell: several values"
    return value, state, address
