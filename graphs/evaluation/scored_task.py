"""ScoredTask: a registered task with the truth of its cases, in parts that a split gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from explorer.tasks.task import Task
from graphs.errors import ExamplesError


@dataclass(frozen=True, eq=False)
class ScoredTask:
    """What predictors of any kind are held against.

    Attributes
    ----------
    task : Task
    train, test : sequence
        The truth of each case: 0 or 1 (binary), a name (multi-class), a tuple of 0 and 1
        (multi-label), ``(time, event)`` (survival), a number (regression), a mask (segmentation),
        a list of boxes (detection), a text (report generation), the name of what is to be found
        (retrieval).
    split_sha256 : str
        Of who is in which part; '' where the parts are not of a split.
    """

    task: Task
    train: Sequence[Any]
    test: Sequence[Any]
    split_sha256: str = ""

    def __post_init__(self) -> None:
        if not len(self.train) or not len(self.test):
            raise ExamplesError("A part without cases", where=self.task.name)

    @classmethod
    def of_labels(
        cls, task: Task, frame: pd.DataFrame, split: Mapping[str, Any],
        train: str = "train", test: str = "test",
    ) -> Self:  # fmt: skip
        """The labels of `explorer.tasks.labels.labels`, in the parts of a split.

        Parameters
        ----------
        task : Task
            Binary, multi-class, regression or survival.
        frame : pandas.DataFrame
            Whose label is missing is left out.
        split : Split
        train, test : str
            Its parts.

        Raises
        ------
        ExamplesError
            Of the task there are no such labels, or a part is empty.
        """
        parts: list[list[Any]] = []
        for name in (train, test):
            rows = frame.loc[[key for key in split[name].keys if key in frame.index]]
            if task.kind == "survival":
                rows = rows[rows["time"].notna()]
                parts.append(list(zip(rows["time"].astype(float), rows["event"].astype(bool),
                                      strict=True)))  # fmt: skip
                continue
            if task.kind not in ("binary", "multi-class", "regression"):
                raise ExamplesError(f"Labels of the kind {task.kind!r}", where=task.name)
            kept = rows["label"].dropna()
            parts.append(kept.astype(str if task.kind == "multi-class" else float).tolist())
        return cls(task, parts[0], parts[1], str(getattr(split, "digest", "")))

    @property
    def prevalence(self) -> float:
        """Share of the test cases that the commonest training label is right on; else NaN."""
        if self.task.kind not in ("binary", "multi-class", "retrieval"):
            return float("nan")
        common = commonest(self.train)
        return float(np.mean([one == common for one in self.test]))


def commonest(values: Sequence[Any]) -> Any:
    """What stands there most often; of several the first in their order as text."""
    counts: dict[Any, int] = {}
    for one in values:
        counts[one] = counts.get(one, 0) + 1
    return min(counts, key=lambda one: (-counts[one], str(one)))
