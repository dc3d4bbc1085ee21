"""task_labels: what a model is to say of each patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explorer.patient_set import PatientSet

_SAID = ("state", "address", "cause")
_LABELS = "explorer.tasks.labels"


@dataclass(frozen=True)
class TaskLabels:
    """Labels of patients; who has none is said to have none, and why.

    Attributes
    ----------
    names : tuple of str
        Columns: 'label'; 'time' and 'event'; 'label: <name>' each of several.
    numeric : bool
        Whether they are numbers; else they are text: a class's name, a report's id.
    values : dict of str to tuple
        Patient's key to a value a column; NaN, or empty, where it is not known.
    states : dict of str to str
        Patient's key to 'present', 'censored', or why there is no label.
    """

    names: tuple[str, ...]
    numeric: bool
    values: dict[str, tuple[Any, ...]]
    states: dict[str, str]

    def of(self, key: str) -> dict[str, Any]:
        """What a sample says of its patient: label, label_known, label_state."""
        missing = (np.nan if self.numeric else "",) * len(self.names)
        found = self.values.get(key, missing)
        state = self.states.get(key, "cannot tell: the patient is not among the labels")
        if not self.numeric:
            text = str(found[0])
            return {"label": text, "label_known": np.array([text != ""]), "label_state": state}
        numbers: NDArray[np.float32] = np.array(found, np.float32)
        return {"label": numbers, "label_known": ~np.isnan(numbers), "label_state": state}


def task_labels(cohort: PatientSet, task: Any) -> TaskLabels:
    """Labels of a cohort.

    Parameters
    ----------
    cohort : PatientSet
    task : explorer.tasks.task.Task, pandas.DataFrame or mapping
        A task is asked; a frame is what asking it gave; a mapping is key to number, None where
        it is not known.
    """
    if isinstance(task, Mapping):
        values = {key: (_number(task[key]),) for key in cohort.versions if key in task}
        states = {
            key: "cannot tell: no label was given" if np.isnan(one[0]) else "present"
            for key, one in values.items()
        }
        return TaskLabels(("label",), True, values, states)
    if not isinstance(task, pd.DataFrame):
        task = import_module(_LABELS).labels(cohort, task)
    names = tuple(str(name) for name in task.columns if name not in _SAID)
    numbers = task[list(names)].apply(pd.to_numeric, errors="coerce")
    numeric = bool((numbers.notna() | task[list(names)].isna()).all(axis=None))
    told = numbers if numeric else task[list(names)].astype(object).where(task.notna(), "")
    rows = zip(task.index, told.itertuples(index=False, name=None), strict=True)
    labels: dict[str, tuple[Any, ...]] = {
        str(key): tuple(_number(v) if numeric else v for v in row) for key, row in rows
    }
    said = {str(key): str(state) for key, state in task["state"].items()}
    return TaskLabels(names, numeric, labels, said)


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)
