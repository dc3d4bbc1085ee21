"""task_scores: how each kind of task is scored, by the measures of this package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.errors import ExamplesError
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.measures import measure_of
from graphs.evaluation.pooled import pooled
from graphs.evaluation.scored_task import ScoredTask
from graphs.examples.target import Target
from graphs.metrics.average_precision import Detection, Truth, average_precision
from graphs.metrics.dice import dice
from graphs.metrics.mean_score import mean_score
from graphs.metrics.rouge import rouge
from graphs.metrics.score import Score
from graphs.models.answers import Answers

Floats = NDArray[np.float64]
_DRAWS = 200


def score(task: ScoredTask, said: Sequence[Any], seed: int = 0) -> tuple[Score, Floats]:
    """Score a predictor's answers on the test cases; higher is better, 1 is perfect.

    Parameters
    ----------
    task : ScoredTask
    said : sequence
        An answer a case: a probability or label (binary), a name (multi-class, retrieval), labels
        (multi-label), a risk (survival), a number (regression), a mask (segmentation), boxes with
        scores (detection), a text (report generation).
    seed : int
        Of the draws for the interval.

    Returns
    -------
    Score
        accuracy (binary, multi-class, multi-label, retrieval), C-index (survival), R2
        (regression), Dice (segmentation), average precision (detection), ROUGE-L (report
        generation).
    ndarray, (case,)
        Of each case by itself; empty where a case has none.

    Raises
    ------
    ExamplesError
        There is not an answer for each case.
    """
    if len(said) != len(task.test):
        raise ExamplesError(f"{len(said)} answers for {len(task.test)} cases",
                            where=task.task.name)  # fmt: skip
    kind, truth = task.task.kind, list(task.test)
    if kind in ("binary", "multi-class", "retrieval", "multi-label", "segmentation"):
        name = "Dice" if kind == "segmentation" else "accuracy"
        each = [_CASE[kind](one, other) for one, other in zip(truth, said, strict=True)]
        return mean_score(name, each, seed=seed), np.array(each, float)
    if kind == "report generation":
        # of each report, since it is texts that are put in order
        whole = rouge(list(said), truth)
        each = [rouge([one], [other]).value for one, other in zip(said, truth, strict=True)]
        return whole, np.array(each, float)
    if kind == "detection":
        return _with_interval("average_precision", truth, said, _detection, seed), np.zeros(0)
    if kind in ("survival", "regression"):
        name = "C-index" if kind == "survival" else "R2"
        return _with_interval(name, truth, said, _ranked(kind), seed), np.zeros(0)
    raise ExamplesError(f"A task of the kind {kind!r} is not scored", where=task.task.name)


def _masks(one: Any, other: Any) -> float:
    found = dice(np.asarray(one, bool), np.asarray(other, bool))
    return 1.0 if np.isnan(found) else found  # nothing there, and nothing said


_CASE: dict[str, Callable[[Any, Any], float]] = {
    "binary": lambda one, other: float((float(other) >= 0.5) == bool(one)),
    "multi-class": lambda one, other: float(one == other),
    "retrieval": lambda one, other: float(one == other),
    "multi-label": lambda one, other: float(np.mean(np.asarray(one) == np.asarray(other))),
    "segmentation": _masks,
}


def _detection(truth: Sequence[Any], said: Sequence[Any]) -> float:
    found = [Detection(k, "", mark, box) for k, boxes in enumerate(said) for box, mark in boxes]
    there = [Truth(k, "", box) for k, boxes in enumerate(truth) for box in boxes]
    return average_precision(found, there).value


def _ranked(kind: str) -> Callable[[Sequence[Any], Sequence[Any]], float]:
    def value(truth: Sequence[Any], said: Sequence[Any]) -> float:
        if kind == "survival":
            target = Target.survival([one[0] for one in truth], [one[1] for one in truth])
        else:
            target = Target.labelled(kind, truth)
        answers = Answers(kind, np.asarray(said, float), np.zeros(0))
        held = HeldOut(np.arange(len(truth)), target, answers, target, np.zeros(0), float("nan"))
        return float(pooled(measure_of(kind), [held], np.ones((1, len(truth))))[0])

    return value


def _with_interval(
    name: str, truth: Sequence[Any], said: Sequence[Any],
    value: Callable[[Sequence[Any], Sequence[Any]], float], seed: int,
) -> Score:  # fmt: skip
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(_DRAWS):
        some = rng.integers(0, len(truth), len(truth)).tolist()
        drawn.append(value([truth[k] for k in some], [said[k] for k in some]))
    known = np.array(drawn)[np.isfinite(drawn)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    return Score(name, value(truth, said), len(truth), float(low), float(high))
