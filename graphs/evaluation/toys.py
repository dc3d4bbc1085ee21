"""Toys: predictors that know nothing, or everything; a score must put them in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphs.evaluation.scored_task import ScoredTask, commonest

#: A task and a source of chance to an answer for each test case.
Predictor = Callable[[ScoredTask, np.random.Generator], list[Any]]


def random(task: ScoredTask, rng: np.random.Generator) -> list[Any]:
    """The truth of a training case that is drawn for each test case."""
    drawn = rng.integers(0, len(task.train), len(task.test))
    return [_answer(task, task.train[k]) for k in drawn.tolist()]


def majority(task: ScoredTask, rng: np.random.Generator) -> list[Any]:
    """The same answer for all: the commonest of the training cases, or their mean."""
    kind, train = task.task.kind, task.train
    one: Any
    if kind == "regression":
        one = float(np.mean(train))
    elif kind == "survival":
        one = 0.0  # the same risk
    elif kind == "segmentation":
        one = np.mean([np.asarray(mask, float) for mask in train], axis=0) >= 0.5
    elif kind == "multi-label":
        one = tuple((np.mean(train, axis=0) >= 0.5).astype(int).tolist())
    elif kind == "detection":
        one = [(commonest([box for boxes in train for box in boxes]), 1.0)]
    else:
        one = commonest(train)
    return [one] * len(task.test)


def oracle(task: ScoredTask, rng: np.random.Generator) -> list[Any]:
    """The truth."""
    return [_answer(task, one) for one in task.test]


def _answer(task: ScoredTask, truth: Any) -> Any:
    if task.task.kind == "survival":
        return -float(truth[0])
    if task.task.kind == "detection":
        return [(box, 1.0) for box in truth]
    return truth


TOYS: dict[str, Predictor] = {"random": random, "majority": majority, "oracle": oracle}
