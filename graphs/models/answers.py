"""Answers: what a model predicts for many patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """Predictions in the order of the examples.

    Attributes
    ----------
    kind : str
        Of the task; see `graphs.examples.target.KINDS`.
    risk : ndarray of float64, (patient,)
        Higher is more, or sooner: the log hazard against the mean of the training patients
        (survival; of cause 1 with competing risks), the log odds (binary), the expected place
        among the classes (multi-class), the value (regression).
    times : ndarray of float64, (time,)
        For which survival or incidence is given, in the target's unit; empty otherwise.
    survival : ndarray of float64, (patient, time) or None
        Probability of no event up to each time.
    incidence : ndarray of float64, (patient, cause, time) or None
        Cumulative incidence of each cause (competing risks).
    probability : ndarray of float64, (patient, class) or None
        Binary: two columns; multi-class: one a class.
    """

    kind: str
    risk: Floats
    times: Floats
    survival: Floats | None = None
    incidence: Floats | None = None
    probability: Floats | None = None

    def __len__(self) -> int:
        return len(self.risk)

    def take(self, rows: ArrayLike) -> Answers:
        """Some patients, by position or by a mask."""
        chosen = np.asarray(rows)
        return Answers(
            self.kind, self.risk[chosen], self.times,
            None if self.survival is None else self.survival[chosen],
            None if self.incidence is None else self.incidence[chosen],
            None if self.probability is None else self.probability[chosen],
        )  # fmt: skip

    def event_by(self, time: float) -> Floats | None:
        """Probability of the event (cause 1) up to a time, (patient,); None where none is given."""
        if not len(self.times):
            return None
        at = int(np.searchsorted(self.times, time, side="right")) - 1
        if self.incidence is not None:
            found: Floats = self.incidence[:, 0, at] if at >= 0 else np.zeros(len(self))
            return found
        if self.survival is None:
            return None
        return 1 - self.survival[:, at] if at >= 0 else np.zeros(len(self))
