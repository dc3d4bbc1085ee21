"""Bootstrap: draws of patients, intervals, and paired differences between models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def draws(strata: ArrayLike, count: int, seed: int) -> Floats:
    """How often each patient is drawn, with repetition, from his own stratum.

    Parameters
    ----------
    strata : array_like, (patient,)
        Events and censorings, or classes: each draw has as many of each.
    count : int
    seed : int

    Returns
    -------
    ndarray, (draw, patient)
    """
    rng = np.random.default_rng([seed, 0xB007])
    names = np.asarray(strata)
    weight = np.zeros((count, len(names)))
    for one in np.unique(names):
        who = np.flatnonzero(names == one)
        weight[:, who] = rng.multinomial(len(who), np.full(len(who), 1 / len(who)), size=count)
    return weight


@dataclass(frozen=True)
class Interval:
    """A value with its interval of 95 %.

    Attributes
    ----------
    value, low, high : float
        NaN where it could not be had.
    p : float
        Two-sided, that the value is `against`; NaN where it could not be had.
    """

    value: float
    low: float
    high: float
    p: float = float("nan")

    @property
    def excludes(self) -> bool:
        """Whether 0 lies outside the interval."""
        return bool(np.isfinite(self.low) and (self.low > 0 or self.high < 0))

    def __str__(self) -> str:
        if not np.isfinite(self.value):
            return "cannot tell"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def interval(value: float, drawn: Floats, against: float = 0.0) -> Interval:
    """Percentiles of what was drawn (Efron and Tibshirani 1993, chapter 13).

    Parameters
    ----------
    value : float
        Of all patients.
    drawn : ndarray, (draw,)
        NaN of draws that say nothing; where they are more than half, there is no interval.
    against : float
        What p is computed for: twice the share of draws beyond it, with one draw added to each
        side (so that p is never 0).
    """
    known = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or len(known) < max(20, len(drawn) / 2):
        nan = float("nan")
        return Interval(value, nan, nan)
    low, high = np.quantile(known, [0.025, 0.975])
    below, above = int((known <= against).sum()), int((known >= against).sum())
    p = min(1.0, 2 * (min(below, above) + 1) / (len(known) + 1))
    return Interval(float(value), float(low), float(high), p)
