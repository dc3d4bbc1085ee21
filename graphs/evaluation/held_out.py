"""HeldOut: test patients of one fold: what happened, and what a model had said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphs.evaluation.step_curve import StepCurve
from graphs.examples.target import Target
from graphs.models.answers import Answers

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What measures take.

    Attributes
    ----------
    rows : ndarray of int64, (patient,)
        Positions of the patients among all that are evaluated.
    target : Target
        Of these patients.
    answers : Answers
        For them, by a model that was fitted on others.
    reference : Target
        Of the training patients: what is known of censoring, and of the outcome without features,
        comes from them.
    times : ndarray of float64, (time,)
        For which errors over time are taken, in the target's unit; empty without times.
    horizon : float
        One of them, for what is said of a single time; NaN without times.
    repeat, fold : int
    """

    rows: NDArray[np.int64]
    target: Target
    answers: Answers
    reference: Target
    times: Floats
    horizon: float
    repeat: int = 0
    fold: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def censoring(self) -> StepCurve:
        """The chance to be still followed, of the training patients."""
        return StepCurve.censoring(self.reference.time, self.reference.event)

    def weights(self, times: ArrayLike) -> Floats:
        """One over the chance to be followed so long; 0 where the training cannot tell.

        Parameters
        ----------
        times : array_like, (any,)
            In the target's unit.
        """
        asked = np.asarray(times, float)
        curve = self.censoring
        chance = curve.at(asked)
        known = (chance > 0) & (asked <= curve.last)
        return np.divide(1.0, chance, out=np.zeros_like(chance), where=known)

    def chance(self) -> Floats | None:
        """Probability of the event by the horizon, or of label 1, (patient,); None if not said."""
        if self.target.timed:
            return self.answers.event_by(self.horizon)
        if self.target.kind == "binary" and self.answers.probability is not None:
            return self.answers.probability[:, 1]
        return None

    def truth(self) -> tuple[Floats, Floats]:
        """Whether the event came by the horizon (or the label is 1), and the weight of each.

        Who was censored before the horizon weighs nothing, and those who are like him more
        (inverse probability of censoring, from the training patients).

        Returns
        -------
        ndarray of float64, (patient,)
        ndarray of float64, (patient,)
        """
        if not self.target.timed:
            return self.target.label, np.ones(len(self))
        time, event = self.target.time, self.target.event
        passed = time > self.horizon
        weight = np.where(passed, self.weights(np.full(len(time), self.horizon)),
                          np.where(event > 0, self.weights(time), 0.0))  # fmt: skip
        return ((event == 1) & ~passed).astype(float), weight

    def take(self, rows: ArrayLike) -> HeldOut:
        """Some of the patients, by position in the fold or by a mask."""
        chosen = np.asarray(rows)
        return replace(self, rows=self.rows[chosen], target=self.target.take(chosen),
                       answers=self.answers.take(chosen))  # fmt: skip
