"""Measures: what models of each kind of task are judged by, the first one first of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.errors import ExamplesError
from graphs.evaluation.auprc import auprc
from graphs.evaluation.auroc import auroc, macro_auroc
from graphs.evaluation.concordance import harrell, uno, wolbers
from graphs.evaluation.dynamic_auc import dynamic_auc
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.integrated_brier import brier_skill, integrated_brier
from graphs.evaluation.macro_f1 import accuracy, macro_f1
from graphs.evaluation.probability_error import brier, log_loss
from graphs.evaluation.regression_error import absolute_error, r_squared, spearman

Floats = NDArray[np.float64]
Sums = tuple[Floats, Floats]


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes
    ----------
    name : str
    better : {'higher', 'lower'}
    chance : float
        What is had without knowing anything; NaN where that depends on the patients.
    sums : callable
        Held-out patients and weights, (draw, patient), to numerator and denominator, (draw,) or
        (part, draw): folds are pooled by adding them up, so that patients are compared within
        their fold alone, where one model spoke; then parts are averaged.
    """

    name: str
    better: str
    chance: float
    sums: Callable[[HeldOut, Floats], Sums]


_SURVIVAL = (
    Measure("c-index", "higher", 0.5, harrell),
    Measure("c-index (IPCW)", "higher", 0.5, uno),
    Measure("AUC at the horizon", "higher", 0.5, dynamic_auc),
    Measure("integrated Brier", "lower", float("nan"), integrated_brier),
    Measure("Brier skill", "higher", 0.0, brier_skill),
)
MEASURES: dict[str, tuple[Measure, ...]] = {
    "survival": _SURVIVAL,
    "competing risks": (
        _SURVIVAL[0], Measure("c-index (Wolbers)", "higher", 0.5, wolbers), *_SURVIVAL[3:],
    ),
    "binary": (
        Measure("AUROC", "higher", 0.5, auroc),
        Measure("AUPRC", "higher", float("nan"), auprc),
        Measure("Brier", "lower", float("nan"), brier),
        Measure("accuracy", "higher", float("nan"), accuracy),
    ),
    "multi-class": (
        Measure("macro AUROC", "higher", 0.5, macro_auroc),
        Measure("macro F1", "higher", float("nan"), macro_f1),
        Measure("log loss", "lower", float("nan"), log_loss),
        Measure("accuracy", "higher", float("nan"), accuracy),
    ),
    "regression": (
        Measure("R2", "higher", 0.0, r_squared),
        Measure("Spearman", "higher", 0.0, spearman),
        Measure("MAE", "lower", float("nan"), absolute_error),
    ),
}  # fmt: skip


def measure_of(kind: str, name: str = "") -> Measure:
    """A measure of a kind of task; the first one where no name is given.

    Raises
    ------
    ExamplesError
        The kind has no such measure.
    """
    known = MEASURES[kind]
    for one in known:
        if not name or one.name == name:
            return one
    raise ExamplesError(
        f"No measure {name!r} of {kind}", expected=f"one of {[one.name for one in known]}"
    )
