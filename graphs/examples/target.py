"""Target: what is to be predicted, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from explorer.tasks.task import Task
from graphs.errors import ExamplesError

#: Kinds of tasks that models of this room are for.
KINDS = ("survival", "competing risks", "binary", "multi-class", "regression")


@dataclass(frozen=True, eq=False)
class Target:
    """The outcome of each patient.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    time : ndarray of float64, (patient,)
        Survival and competing risks: from the index day, in `unit`; NaN otherwise.
    event : ndarray of int64, (patient,)
        0 censored, 1 (2, ...: other causes); 0 of other kinds.
    label : ndarray of float64, (patient,)
        Binary 0 or 1, multi-class the place in `classes`, regression the value; NaN otherwise.
    known : ndarray of bool, (patient,)
        Whose outcome is known; the others' numbers mean nothing.
    classes : tuple of str
        Of a multi-class label, or the causes of competing risks, in the order of the codes.
    unit : str
        Of the time or the value.
    name : str
        Of the task.
    """

    kind: str
    time: NDArray[np.float64]
    event: NDArray[np.int64]
    label: NDArray[np.float64]
    known: NDArray[np.bool_]
    classes: tuple[str, ...] = ()
    unit: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ExamplesError(f"A target of the kind {self.kind!r}", expected=", ".join(KINDS))

    @classmethod
    def survival(
        cls, time: ArrayLike, event: ArrayLike, unit: str = "", name: str = "survival"
    ) -> Target:
        """Right-censored times; who has none, or one below 0, is not known."""
        spent = np.asarray(time, float)
        happened = np.nan_to_num(np.asarray(event, float)).astype(np.int64)
        kind = "competing risks" if happened.max(initial=0) > 1 else "survival"
        known = np.isfinite(spent) & (spent >= 0) & np.isfinite(np.asarray(event, float))
        return cls(kind, spent, happened, np.full(len(spent), np.nan), known, (), unit, name)

    @classmethod
    def labelled(
        cls, kind: str, label: ArrayLike, classes: tuple[str, ...] = (), unit: str = "",
        name: str = "",
    ) -> Target:  # fmt: skip
        """Binary, multi-class or regression; NaN is not known."""
        value = np.asarray(label, float)
        count = len(value)
        return cls(kind, np.full(count, np.nan), np.zeros(count, np.int64), value,
                   np.isfinite(value), classes, unit, name)  # fmt: skip

    @classmethod
    def of_labels(cls, frame: pd.DataFrame, task: Task) -> Target:
        """The labels of `explorer.tasks.labels.labels` as arrays.

        Raises
        ------
        ExamplesError
            The task is of a kind that these models are not for.
        """
        if task.kind in ("survival", "competing risks"):
            made = cls.survival(
                frame["time"].astype(float), frame["event"].astype(float), task.unit, task.name
            )
            causes = tuple(task.classes)
            return replace(made, kind=task.kind, classes=causes)
        if task.kind == "multi-class":
            classes = tuple(task.classes) or tuple(
                sorted(map(str, frame["label"].dropna().unique()))
            )
            place = {one: k for k, one in enumerate(classes)}
            label = [place.get(str(one), np.nan) for one in frame["label"]]
            return cls.labelled(task.kind, label, classes, task.unit, task.name)
        if task.kind not in KINDS:
            raise ExamplesError(f"A task of the kind {task.kind!r}", expected=", ".join(KINDS))
        return cls.labelled(task.kind, frame["label"].astype(float), tuple(task.classes),
                            task.unit, task.name)  # fmt: skip

    def __len__(self) -> int:
        return len(self.known)

    @property
    def timed(self) -> bool:
        """Whether it is a time to an event."""
        return self.kind in ("survival", "competing risks")

    def take(self, rows: ArrayLike) -> Target:
        """Some patients, by position or by a mask, in that order."""
        chosen = np.asarray(rows)
        return replace(self, time=self.time[chosen], event=self.event[chosen],
                       label=self.label[chosen], known=self.known[chosen])  # fmt: skip

    def permuted(self, rng: np.random.Generator) -> Target:
        """The same outcomes, dealt to the known patients anew: what is left is chance."""
        order = np.arange(len(self))
        places = np.flatnonzero(self.known)
        order[places] = rng.permutation(places)
        return self.take(order)

    def strata(self) -> NDArray[np.str_]:
        """What a split should balance: the event, the class, or the third of the values."""
        if self.timed:
            return self.event.astype(str)
        if self.kind == "regression":
            cuts = np.nanquantile(self.label, [1 / 3, 2 / 3])
            return np.digitize(self.label, cuts).astype(str)
        return np.where(np.isfinite(self.label), self.label, -1).astype(int).astype(str)
