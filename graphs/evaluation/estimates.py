"""Estimates: measures of held-out answers with intervals, all by the same draws of patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.bootstrap import Interval, draws, interval
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.measures import Measure
from graphs.evaluation.pooled import pooled
from graphs.evaluation.setting import Setting

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimates:
    """Draws of an evaluation's patients.

    Attributes
    ----------
    setting : Setting
    count : int
        Draws.
    """

    setting: Setting
    count: int = 1000

    @cached_property
    def weight(self) -> Floats:
        """How often each patient is drawn, (draw, patient); the first row is everybody once."""
        strata = self.setting.target.strata()
        drawn = draws(strata, self.count, self.setting.seed)
        return np.concatenate([np.ones((1, len(strata))), drawn])

    def drawn(self, measure: Measure, held: Sequence[HeldOut], most: int | None = None) -> Floats:
        """The measure of everybody, and of each draw, (1 + draw,)."""
        return pooled(measure, held, self.weight[: None if most is None else most + 1])

    def of(self, measure: Measure, held: Sequence[HeldOut]) -> Interval:
        """The measure with its interval; p is against chance."""
        if not held:
            nan = float("nan")
            return Interval(nan, nan, nan)
        values = self.drawn(measure, held)
        return interval(float(values[0]), values[1:], measure.chance)

    def difference(
        self, measure: Measure, first: Sequence[HeldOut], second: Sequence[HeldOut]
    ) -> Interval:
        """First minus second on the same patients of the same folds."""
        one, other = common(first, second)
        if not one:
            nan = float("nan")
            return Interval(nan, nan, nan)
        values = self.drawn(measure, one) - self.drawn(measure, other)
        return interval(float(values[0]), values[1:])


def common(
    first: Sequence[HeldOut], second: Sequence[HeldOut]
) -> tuple[list[HeldOut], list[HeldOut]]:
    """The folds that both have, in one order."""
    places = {(one.repeat, one.fold): one for one in second}
    mine = [one for one in first if (one.repeat, one.fold) in places]
    return mine, [places[one.repeat, one.fold] for one in mine]


def among(held: Sequence[HeldOut], mask: NDArray[np.bool_]) -> list[HeldOut]:
    """The same of some patients.

    Parameters
    ----------
    held : sequence of HeldOut
    mask : ndarray of bool, (patient,)
        Over all patients of the evaluation.
    """
    return [one.take(mask[one.rows]) for one in held if mask[one.rows].any()]


def patients_of(held: Sequence[HeldOut]) -> NDArray[np.int64]:
    """Positions of everybody who was tested."""
    if not held:
        return np.zeros(0, np.int64)
    return np.unique(np.concatenate([one.rows for one in held]))
