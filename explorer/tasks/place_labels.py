"""Labels that are places: segments, reports, and what reports state."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from explorer.windows.glob_match import glob_match
from explorer.windows.patient_places import patient_places
from explorer.windows.row_addresses import row_addresses

_SAID = {"present": 1, "absent": 0}


def segment_labels(patients: PatientSet, task: Task) -> pd.DataFrame:
    """How many segments with one of the names each patient has, and where the first one is."""
    keys = pa.array(patients.keys, pa.string())
    data = patients.rows("segments", ["item", "name"])
    state = np.full(len(keys), "absent: no segmentation", object)
    state[patient_places(data, keys)] = "absent: no such segment"
    fits = pa.array([False] * data.num_rows, pa.bool_())
    for name in task.outcome.names:
        fits = pc.or_(fits, glob_match(data["name"], name))
    data = data.filter(fits)
    who, rows = patient_places(data, keys), data.to_pylist()
    count = np.bincount(who, minlength=len(keys))
    address = np.full(len(keys), None, object)
    versions = patients.versions
    for position, row in zip(reversed(who.tolist()), reversed(rows), strict=True):
        item, name = quote(row["item"], safe="~"), quote(row["name"] or "", safe="~")
        key = row["patient"]
        address[position] = f"onco:{key}/segmentations/{item}@{versions[key]}#label={name}"
    state[count > 0] = "present"
    label = pd.arrays.IntegerArray(count.astype(np.int64), count == 0)
    return _made(patients, {"label": label}, state, address)


def report_labels(patients: PatientSet) -> pd.DataFrame:
    """The first report of each patient; reports that a program made are none."""
    keys = pa.array(patients.keys, pa.string())
    data = patients.rows("texts", ["item", "name", "synthetic"])
    data = data.filter(pc.invert(pc.fill_null(data["synthetic"], False)))
    who, items = patient_places(data, keys), data["item"].to_pylist()
    where = row_addresses("texts", data, patients.versions)
    label = np.full(len(keys), None, object)
    address, state = label.copy(), np.full(len(keys), "absent: no report", object)
    for position, item, at in zip(reversed(who.tolist()), reversed(items), reversed(where),
                                  strict=True):  # fmt: skip
        label[position], address[position], state[position] = item, at, "present"
    return _made(patients, {"label": label}, state, address)


def finding_labels(patients: PatientSet, task: Task) -> pd.DataFrame:
    """Whether reports state each entity: present anywhere is 1, else absent is 0."""
    keys = pa.array(patients.keys, pa.string())
    windowed = task.window.apply(patients)
    data = windowed.rows("findings", ("entity", "assertion", "finding"))
    state = np.full(len(keys), "absent: no report", object)
    state[patient_places(patients.rows("texts", ["item"]), keys)] = "not extracted"
    # a report that was read and in which nothing was found says nothing of it either
    runs = patients.rows("runs", ["kind", "current"])
    read = pc.and_(pc.equal(runs["kind"], "findings"), pc.fill_null(runs["current"], False))
    state[patient_places(runs.filter(pc.fill_null(read, False)), keys)] = "absent: not stated"
    if windowed.window.outcome is not None:
        place = pc.cast(data["place"], pa.string())
        data = data.filter(pc.equal(place, "outcome window"))
    address = np.full(len(keys), None, object)
    columns: dict[str, Any] = {}
    for name in task.outcome.names:
        some = data.filter(glob_match(data["entity"], name))
        said = np.array([_SAID.get(one or "", -1) for one in some["assertion"].to_pylist()], int)
        who = patient_places(some, keys)
        best = np.full(len(keys), -1, np.int64)
        np.maximum.at(best, who, said)
        where = np.array(row_addresses("findings", some, patients.versions), object)
        for position, at, one in zip(who.tolist(), where.tolist(), said.tolist(), strict=True):
            if address[position] is None and one == best[position] and one >= 0:
                address[position] = at
        columns[f"label: {name}"] = pd.arrays.IntegerArray(np.maximum(best, 0), best < 0)
        state[(best >= 0)] = "present"
        open_ = np.setdiff1d(who, np.flatnonzero(best >= 0))
        state[open_] = np.where(state[open_] == "present", "present", "cannot tell: uncertain")
    if task.kind == "binary" and len(columns) == 1:
        columns = {"label": next(iter(columns.values()))}
    return _made(patients, columns, state, address)


def _made(
    patients: PatientSet,
    columns: dict[str, Any],
    state: NDArray[np.object_],
    address: NDArray[np.object_],
) -> pd.DataFrame:
    index = pd.Index(patients.keys, name="patient")
    return pd.DataFrame({**columns, "state": state, "address": address}, index)
