"""StepCurve: estimates that change at times: survival, censoring, cumulative incidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StepCurve:
    """A right-continuous step function from time 0 on.

    Attributes
    ----------
    times : ndarray of float64, (step,)
        Ascending.
    values : ndarray of float64, (step,)
        From each time on.
    before : float
        Before the first time.
    """

    times: Floats
    values: Floats
    before: float

    def at(self, times: ArrayLike) -> Floats:
        """The value at any times; after the last one it stays."""
        place = np.searchsorted(self.times, np.asarray(times, float), side="right")
        found: Floats = np.concatenate([[self.before], self.values])[place]
        return found

    @property
    def last(self) -> float:
        """The last time that anybody was followed; 0 where there is nobody."""
        return float(self.times[-1]) if len(self.times) else 0.0

    @classmethod
    def survival(cls, time: ArrayLike, event: ArrayLike) -> Self:
        """Kaplan and Meier's estimate of no event of any cause."""
        times, risk, events, _ = _counts(time, event)
        values: Floats = np.cumprod(1 - events / risk, dtype=np.float64)
        return cls(times, values, 1.0)

    @classmethod
    def censoring(cls, time: ArrayLike, event: ArrayLike) -> Self:
        """The same of being still followed: events at a time come before censorings at it."""
        times, risk, events, censored = _counts(time, event)
        left = risk - events
        factor = 1 - np.divide(censored, left, out=np.zeros(len(left)), where=left > 0)
        values: Floats = np.cumprod(factor, dtype=np.float64)
        return cls(times, values, 1.0)

    @classmethod
    def incidence(cls, time: ArrayLike, event: ArrayLike, cause: int = 1) -> Self:
        """Aalen and Johansen's cumulative incidence of a cause among others.

        Parameters
        ----------
        time : array_like, (patient,)
        event : array_like of int, (patient,)
            0 censored, 1, 2, ... causes.
        cause : int
        """
        code = np.asarray(event)
        times, risk, events, _ = _counts(time, code)
        mine = _counts(time, code == cause)[2]
        free = np.concatenate([[1.0], np.cumprod(1 - events / risk)[:-1]])
        return cls(times, np.cumsum(free * mine / risk), 0.0)


def _counts(time: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """Distinct times, who is at risk at each, who has an event then, who is censored then."""
    spent, happened = np.asarray(time, float), np.asarray(event) > 0
    times, place = np.unique(spent, return_inverse=True)
    all_ = np.bincount(place, minlength=len(times)).astype(float)
    events = np.bincount(place, happened, minlength=len(times))
    risk: Floats = np.cumsum(all_[::-1])[::-1]
    return times, risk, events.astype(float), all_ - events
