"""KnownRows: the rows of some patients that may be features, and why the others may not."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.patient_set import PatientSet
from explorer.standing_runs import standing_runs
from explorer.tasks.task import Task
from explorer.windows.chosen_inputs import ChosenInputs
from explorer.windows.dated_rows import dated_rows
from explorer.windows.glob_match import glob_match
from explorer.windows.late_facts import SAID_KNOWN
from explorer.windows.outcome_columns import outcome_columns
from explorer.windows.patient_places import patient_places
from explorer.windows.row_places import OUTCOME, row_places
from explorer.windows.windowed import CANNOT_TELL, LOOK_BACK, Windowed
from graphs.prediction import KIND as PREDICTION

PREDICTED = "a model predicted it"
SUPERSEDED = "a newer run has said it anew, or its report reads otherwise by now"
NOBODY = "nobody has anything that is called so"
NOT_ASKED = "not among the inputs of the task"

_LEFT = ["table", "what", "why", "rows", "patients"]
_NO_OUTCOME = Task("features", "retrieval")


class KnownRows:
    """What was known of patients on the index day of a task.

    A row is left out, and counted, where it lies after the index day or before the look-back,
    where it ends after the index day, where nobody can tell its day (unless the task says that
    it was known), where it is an outcome (`explorer.windows.outcome_columns`), where a model
    predicted it, and where a newer run has replaced it. Without a task there is no index day:
    every row counts as known, and outcomes, predictions and what was replaced stay out.

    Parameters
    ----------
    patients : PatientSet
    task : Task, optional
    predictions : bool
        Whether rows of runs of the kind 'prediction' are features, too.
    """

    def __init__(
        self, patients: PatientSet, task: Task | None = None, *, predictions: bool = False
    ) -> None:
        self.patients, self.task, self.predictions = patients, task, predictions
        self.keys: tuple[str, ...] = tuple(patients.keys)
        self._left: list[pd.DataFrame] = []

    @classmethod
    def of(cls, source: PatientSet | KnownRows, task: Task | None = None) -> KnownRows:
        """The same, or what is known of a set."""
        return source if isinstance(source, KnownRows) else cls(source, task)

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def windowed(self) -> Windowed | None:
        """Index days; None without a task."""
        return None if self.task is None else self.task.window.apply(self.patients)

    @cached_property
    def never(self) -> dict[str, dict[str, str]]:
        """Names that are never features, by table."""
        return outcome_columns(self.patients, self.task or _NO_OUTCOME)

    @cached_property
    def versions(self) -> dict[str, int]:
        """Key to version."""
        return self.patients.versions

    @property
    def left_out(self) -> pd.DataFrame:
        """What was asked for and may be no feature: table, what (hostile), why, rows, patients."""
        if not self._left:
            return pd.DataFrame(columns=_LEFT)
        return pd.concat(self._left, ignore_index=True).drop_duplicates(ignore_index=True)

    def rows(
        self, table: str, columns: Sequence[str] = (), names: str | Sequence[str] = "*"
    ) -> pa.Table:
        """Rows that may be features.

        Parameters
        ----------
        table : str
            A key of `explorer.windows.dated_rows.DATED`.
        columns : sequence of str
            To be read besides.
        names : str or sequence of str
            Patterns (``*``, ``?``) of what the rows are called; of events ``kind:name``.

        Returns
        -------
        pyarrow.Table
            As of `dated_rows`, with ``who`` (int64, the patient's position in the set).
        """
        more = list(dict.fromkeys((*columns, *_own(table))))
        if self.windowed is None:
            data = dated_rows(self.patients, table, more)
        else:
            data = self.windowed.rows(table, more)
        self._nowhere(table, data["what"], names)
        data = data.filter(_fits(data["what"], names))
        why = self._why_not(table, data)
        out = np.flatnonzero(why != "")
        if len(out):
            self.note(table, data["what"].take(pa.array(out)).to_pylist(), why[out].tolist(),
                      data["patient"].take(pa.array(out)).to_pylist())  # fmt: skip
        data = data.filter(pa.array(why == ""))
        who = patient_places(data, pa.array(self.keys, pa.string()))
        return data.append_column("who", pa.array(who, pa.int64()))

    def _nowhere(self, table: str, what: pa.ChunkedArray, names: str | Sequence[str]) -> None:
        """Note names that were asked for and are nobody's, with those that look alike."""
        for name in [names] if isinstance(names, str) else names:
            if name == "*" or pc.any(glob_match(what, name)).as_py():
                continue
            there = [one for one in pc.unique(what).to_pylist() if one is not None]
            alike = get_close_matches(name, there, 3)
            why = f"{NOBODY}; perhaps {' or '.join(map(repr, alike))}" if alike else NOBODY
            self._left.append(pd.DataFrame([[table, name, why, 0, 0]], columns=_LEFT))

    def any(self, table: str) -> bool:
        """Whether some row of a table may be a feature; nothing is counted."""
        return bool(self._quietly(table).num_rows)

    def vector_names(self) -> list[str]:
        """Names (hostile) of the vectors that may be features and that no program computed."""
        data = self._quietly("vectors")
        by = pc.is_in(data["origin"], value_set=pa.array(list(self._runs), pa.string()))
        return sorted(pc.unique(data.filter(pc.invert(by))["what"]).to_pylist())

    def event_kinds(self) -> list[str]:
        """Kinds of events that may be features; what only says that there was a row is none."""
        data = self._quietly("events", ("kind",))
        return sorted(set(pc.unique(data["kind"]).to_pylist()) - {None, "row"})

    def items(self, table: str, kind: str | None = None) -> dict[str, list[str]]:
        """Ids of the reports ('texts') or items that may be used, by patient."""
        data = self.rows(table, ("item",))
        if kind is not None:
            data = data.filter(pc.fill_null(pc.equal(data["kind"], kind), False))
        found: dict[str, list[str]] = {}
        for key, item in zip(data["patient"].to_pylist(), data["item"].to_pylist(), strict=True):
            found.setdefault(key, []).append(item)
        return found

    def _quietly(self, table: str, columns: Sequence[str] = ()) -> pa.Table:
        before = list(self._left)
        found = self.rows(table, columns)
        self._left = before
        return found

    def note(
        self, table: str, what: Sequence[str], why: str | Sequence[str], who: Sequence[Any]
    ) -> None:
        """Count rows that are no feature.

        Parameters
        ----------
        table : str
        what : sequence of str
            A row each.
        why : str or sequence of str
        who : sequence
            The patient of each.
        """
        rows = pd.DataFrame({"what": what, "why": why, "who": who})
        each = rows.groupby(["what", "why"], sort=False)["who"].agg(["size", "nunique"])
        each = each.reset_index().set_axis(_LEFT[1:], axis=1)
        each.insert(0, "table", table)
        if len(each):
            self._left.append(each)

    def _why_not(self, table: str, data: pa.Table) -> NDArray[Any]:
        """Of each row why it is no feature; '' where it is one."""
        why: NDArray[Any] = np.full(data.num_rows, "", object)
        if self.task is None or self.windowed is None:
            never = self.never.get(table, {})
            held = pc.index_in(data["what"], value_set=pa.array(list(never), pa.string()))
            place = held.to_numpy().astype(float)
            hit = ~np.isnan(place)
            why[hit] = [f"{OUTCOME}: {list(never.values())[int(k)]}" for k in place[hit]]
        else:
            self._by_day(table, data, why, self.task, self.windowed)
        origin = "run" if table == "findings" else "origin"
        if origin in data.column_names and self._runs:
            of = pc.index_in(data[origin], value_set=pa.array(list(self._runs), pa.string()))
            position = of.to_numpy().astype(float)
            said = np.array([*self._runs.values()], object)
            ran = np.flatnonzero(~np.isnan(position))
            state = said[position[ran].astype(int)]
            why[ran[state != ""]] = state[state != ""]
        if self.task is not None:
            asked = ChosenInputs.of(self.task.inputs).rows(table, data)
            why[~np.asarray(asked.to_numpy(zero_copy_only=False), bool)] = NOT_ASKED
        return why

    def _by_day(
        self, table: str, data: pa.Table, why: NDArray[Any], task: Task, windowed: Windowed
    ) -> None:
        place, rule = row_places(data, self.never.get(table, {}), windowed)
        known = place == LOOK_BACK
        if table in SAID_KNOWN:
            for pattern in task.known_at_index:
                said = np.asarray(glob_match(data["what"], pattern).to_numpy(zero_copy_only=False))
                known |= (place == CANNOT_TELL) & said
        late = np.flatnonzero(~known)
        reason = np.where(place == CANNOT_TELL, np.asarray(data["why"].to_pylist(), object), rule)
        why[late] = [f"{one}: {of}" if of else str(one)
                     for one, of in zip(place[late], reason[late], strict=True)]  # fmt: skip

    @cached_property
    def predicted_runs(self) -> frozenset[str]:
        """Ids of the runs in which a model predicted."""
        runs = self.patients.rows("runs", ["run", "kind"])
        of = pc.fill_null(pc.equal(runs["kind"], PREDICTION), False)
        return frozenset(runs.filter(of)["run"].to_pylist())

    @cached_property
    def _runs(self) -> dict[str, str]:
        """Of each run why its rows are no features; '' where they are."""
        runs = self.patients.rows("runs", ["run"])["run"].to_pylist()
        standing = standing_runs(self.patients) if runs else set()
        found = {run: "" if run in standing else SUPERSEDED for run in runs}
        if not self.predictions:
            found |= dict.fromkeys(self.predicted_runs, PREDICTED)
        return found


def _own(table: str) -> tuple[str, ...]:
    if table == "events":
        return ("origin", "end_day")
    if table == "findings":
        return ("run",)
    return ("kind",) if table == "items" else ("origin",)


def _fits(column: pa.ChunkedArray, names: str | Sequence[str]) -> pa.ChunkedArray:
    found = None
    for name in [names] if isinstance(names, str) else names:
        one = glob_match(column, name)
        found = one if found is None else pc.or_(found, one)
    return pc.is_valid(column) if found is None else found
