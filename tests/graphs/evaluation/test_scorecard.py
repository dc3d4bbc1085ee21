"""Three toys over nine kinds of tasks: the oracle has 1, the majority its prevalence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from explorer.tasks.task import Task
from graphs.errors import ExamplesError
from graphs.evaluation.scorecard import scorecard
from graphs.evaluation.scored_task import ScoredTask

RNG = np.random.default_rng(0)


def made(kind: str, cases: list[Any]) -> ScoredTask:
    task = Task(kind.replace(" ", "-"), kind, metrics={"score": "higher"})
    half = len(cases) // 2
    return ScoredTask(task, cases[:half], cases[half:], "ab" * 32)


def masks() -> list[np.ndarray]:
    found = []
    for _ in range(20):
        mask = np.zeros((12, 12), bool)
        y, x = RNG.integers(0, 6, 2)
        mask[y : y + 6, x : x + 6] = True
        found.append(mask)
    return found


def tasks() -> list[ScoredTask]:
    reports = ["No effusion.", "Left pleural effusion, new.", "No effusion.", "Nodule of 8 mm."]
    boxes = [[((int(k), int(k) + 4), (0, 4))] for k in RNG.integers(0, 3, 20)]
    return [
        made("binary", (RNG.random(80) < 0.3).astype(int).tolist()),
        made("multi-class", RNG.choice(["I", "II", "<b>III</b>"], 80, p=[0.2, 0.5, 0.3]).tolist()),
        made("multi-label", [tuple(one) for one in (RNG.random((40, 3)) < 0.3).astype(int)]),
        made("survival", list(zip(RNG.exponential(9, 60), RNG.random(60) < 0.6, strict=True))),
        made("regression", RNG.normal(10, 3, 60).tolist()),
        made("segmentation", masks()),
        made("detection", boxes),
        made("report generation", reports * 6),
        made("retrieval", RNG.choice(["a", "b", "c"], 60, p=[0.6, 0.2, 0.2]).tolist()),
    ]


def test_the_oracle_has_one_the_majority_its_prevalence_and_the_order_is_kept() -> None:
    every = tasks()
    card = scorecard(every)
    assert not card.problems
    table = card.table.set_index("kind")
    assert table["oracle"].to_numpy() == pytest.approx(np.ones(9))
    for one in every:
        if np.isfinite(one.prevalence):
            assert table.loc[one.task.kind, "majority"] == pytest.approx(one.prevalence)
    assert table.loc["survival", "majority"] == 0.5
    assert table.loc["regression", "majority"] <= 0
    assert (table["random"] < 1).all()
    assert card.ranks.index[0] == "oracle"
    assert card.preference().names[0] == "oracle"
    shown = card._repr_html_()
    assert "abababababab" in shown
    assert "<b>III" not in shown


def test_a_predictor_is_scored_beside_the_toys_and_may_fail() -> None:
    every = tasks()[:2]

    def poor(task: ScoredTask, rng: np.random.Generator) -> list[Any]:
        if task.task.kind == "binary":
            raise RuntimeError("<i>no</i> weights")
        return task.test[:-1]  # type: ignore[return-value]

    card = scorecard(every, {"poor": poor})
    assert card.table["poor"].isna().all()
    assert "39 answers for 40 cases" in card.problems["multi-class", "poor"]
    assert "<i>" not in card._repr_html_()
    with pytest.raises(ExamplesError, match="toy"):
        scorecard(every, {"oracle": poor})


def test_labels_of_a_store_are_taken_in_the_parts_of_a_split() -> None:
    class Part:
        def __init__(self, keys: list[str]) -> None:
            self.keys = keys

    frame = pd.DataFrame({"label": [1.0, 0, np.nan, 1]}, index=list("abcd"))
    task = Task("response", "binary", metrics={"AUROC": "higher"})
    found = ScoredTask.of_labels(task, frame, {"train": Part(["a", "b"]), "test": Part(["c", "d"])})
    assert (list(found.train), list(found.test)) == ([1, 0], [1])
    times = pd.DataFrame({"time": [3.0, 4], "event": [True, False]}, index=list("ab"))
    found = ScoredTask.of_labels(Task("os", "survival"), times,
                                 {"train": Part(["a"]), "test": Part(["b"])})  # fmt: skip
    assert list(found.test) == [(4.0, False)]
    with pytest.raises(ExamplesError, match="without cases"):
        ScoredTask.of_labels(task, frame, {"train": Part(["a"]), "test": Part(["c"])})
