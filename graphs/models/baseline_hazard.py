"""BaselineHazard: the hazard that all patients share, by Breslow's estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_MOST = 200


@dataclass
class BaselineHazard:
    """Cumulative hazards of one or several causes of a patient whose log hazard is 0.

    Breslow, N. (1972), in the discussion of Cox, J R Stat Soc B 34, 216-217.

    Attributes
    ----------
    times : ndarray, (time,)
        At which events happened in training; 200 of them, evenly by rank, where there are more.
    hazard : ndarray, (cause, time)
    """

    times: Floats
    hazard: Floats

    @classmethod
    def fit(cls, time: Floats, event: NDArray[np.int64], risk: Floats) -> Self:
        """Estimate of training patients.

        Parameters
        ----------
        time : ndarray, (patient,)
        event : ndarray, (patient,)
            0 censored, else the cause from 1.
        risk : ndarray, (patient, cause)
            Log hazards.
        """
        causes = risk.shape[1]
        times = np.unique(time[event > 0])
        steps = np.zeros((causes, len(times)))
        order = np.argsort(time, kind="stable")
        first = np.searchsorted(time[order], times, "left")
        for cause in range(causes):
            weight = np.exp(np.clip(risk[order, cause], -50, 50))
            at_risk = weight[::-1].cumsum()[::-1][first]
            hit = np.searchsorted(times, time[event == cause + 1])
            steps[cause] = np.bincount(hit, minlength=len(times)) / at_risk
        total = steps.cumsum(axis=1)
        if len(times) > _MOST:
            kept = np.unique(np.linspace(0, len(times) - 1, _MOST).round().astype(int))
            times, total = times[kept], total[:, kept]
        return cls(times, total)

    def survival(self, risk: Floats) -> Floats:
        """Probability of no event of any cause, (patient, time), for risks (patient, cause)."""
        total = np.zeros((len(risk), len(self.times)))
        for cause, hazard in enumerate(self.hazard):
            total += np.exp(np.clip(risk[:, cause], -50, 50))[:, None] * hazard
        alive: Floats = np.exp(-total)
        return alive

    def incidence(self, risk: Floats) -> Floats:
        """Cumulative incidence, (patient, cause, time).

        The hazard of the cause, times the probability of having had no event just before, summed
        over time: Aalen and Johansen's estimate with Cox's cause-specific hazards.
        """
        alive = self.survival(risk)
        before = np.concatenate([np.ones((len(risk), 1)), alive[:, :-1]], axis=1)
        rate = np.exp(np.clip(risk, -50, 50))[:, :, None] * np.diff(
            self.hazard, axis=1, prepend=0.0
        )
        # the fall of survival in each step, dealt to the causes by their hazards: with it the
        # incidences and survival sum to 1 however coarse the times are
        share = rate / np.maximum(rate.sum(axis=1, keepdims=True), 1e-300)
        made: Floats = ((before - alive)[:, None, :] * share).cumsum(axis=2)
        return made
