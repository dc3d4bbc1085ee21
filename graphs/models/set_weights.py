"""SetWeights: how much each modality's risk counts beside which others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from graphs.examples.target import Target
from graphs.models.baseline_hazard import BaselineHazard
from graphs.models.combine import combine

Floats = NDArray[np.float64]
Names = tuple[str, ...]
_PRIOR, _MOST = 10, 5


@dataclass
class SetWeights:
    """Weights of standardised risks, for every set of modalities that a patient may have.

    Those of a set are learnt of all training patients who have at least its modalities, so that
    they are there for sets that nobody had in training. Above five modalities, only single ones,
    all, and the sets of training patients have weights of their own; others take those of all.

    Attributes
    ----------
    names : tuple of str
        Modalities.
    outputs : int
    weights : dict of tuple of str to (ndarray (modality, output), ndarray (output,))
        And the intercepts.
    shifts : dict of tuple of str to ndarray, (output,)
        Of times: the log of a set's events over those expected by its risks, shrunk towards 0 as
        by ten events more of both; only where training patients differ in what they have.
    middle : ndarray, (output,)
        The mean of training patients, which is taken off.
    """

    names: Names
    outputs: int
    weights: dict[Names, tuple[Floats, Floats]] = field(default_factory=dict)
    shifts: dict[Names, Floats] = field(default_factory=dict)
    middle: Floats = field(default_factory=lambda: np.zeros(0))

    def fit(self, risks: Mapping[str, Floats], target: Target, penalty: float) -> Self:
        """Learn of risks out of fold.

        Parameters
        ----------
        risks : mapping of str to ndarray, (patient, output)
            NaN where a patient lacks the modality, or no fold could say.
        target : Target
        penalty : float
        """
        self.middle = np.zeros(self.outputs)
        have = np.stack([np.isfinite(risks[name]).all(axis=1) for name in self.names], axis=1)
        patterns = self.sets(risks)
        top = len(self.names) if len(self.names) <= _MOST else 1
        wanted = [one for size in range(1, top + 1) for one in combinations(self.names, size)]
        wanted += sorted((set(patterns) | {self.names}) - {()} - set(wanted))
        for one in wanted:
            rows = have[:, [self.names.index(name) for name in one]].all(axis=1)
            own = target.take(rows)
            if learnable(own):
                stacked = np.stack([risks[name][rows] for name in one], axis=1)
                self.weights[one] = combine(stacked, own, penalty)
        if target.timed:
            self._shift(risks, target, patterns)
            self.middle = self.sums(risks).mean(axis=0)
        return self

    def _shift(self, risks: Mapping[str, Floats], target: Target, patterns: list[Names]) -> None:
        if len(set(patterns)) < 2:
            return
        sums = self.sums(risks)
        event = np.minimum(target.event, self.outputs)
        shared = BaselineHazard.fit(target.time, event, sums)
        at = np.searchsorted(shared.times, target.time, "right") - 1
        spent = np.where(at >= 0, shared.hazard[:, np.maximum(at, 0)], 0).T * np.exp(sums)
        for one in sorted(set(patterns)):
            rows = _are(patterns, one)
            seen = np.array([(event[rows] == k + 1).sum() for k in range(self.outputs)])
            self.shifts[one] = np.log((seen + _PRIOR) / (spent[rows].sum(axis=0) + _PRIOR))

    def sets(self, risks: Mapping[str, Floats]) -> list[Names]:
        """What each patient has."""
        have = [np.isfinite(risks[name]).all(axis=1).tolist() for name in self.names]
        return [
            tuple(name for name, there in zip(self.names, row, strict=True) if there)
            for row in zip(*have, strict=True)
        ]

    def of(self, one: Names) -> tuple[Floats, Floats]:
        """Weights, (modality, output), and intercepts of a set."""
        if one in self.weights or not one:
            return self.weights.get(one, (np.zeros((0, self.outputs)), np.zeros(self.outputs)))
        if self.names in self.weights:
            weights, intercept = self.weights[self.names]
            return weights[[self.names.index(name) for name in one]], intercept
        # too few patients have several: each alone counts its part
        made, intercept = np.zeros((len(one), self.outputs)), np.zeros(self.outputs)
        for k, name in enumerate(one):
            own, base = self.weights.get((name,), (np.ones((1, self.outputs)), intercept))
            made[k], intercept = own[0] / len(one), intercept + base / len(one)
        return made, intercept

    def sums(self, risks: Mapping[str, Floats]) -> Floats:
        """Weighted sums, (patient, output)."""
        patterns = self.sets(risks)
        sums = np.zeros((len(patterns), self.outputs))
        for one in set(patterns):
            rows = _are(patterns, one)
            weights, intercept = self.of(one)
            for k, name in enumerate(one):
                sums[rows] += risks[name][rows] * weights[k]
            sums[rows] += intercept + self.shifts.get(one, 0.0) - self.middle
        return sums

    def counts(self, risks: Mapping[str, Floats], name: str) -> Floats:
        """How much a modality counts for each patient, (patient, output); 0 without it."""
        patterns = self.sets(risks)
        made = np.zeros((len(patterns), self.outputs))
        for one in set(patterns):
            if name in one:
                made[_are(patterns, one)] = self.of(one)[0][one.index(name)]
        return made

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON-able values, and arrays by name."""
        arrays: dict[str, NDArray[Any]] = {"middle": self.middle}
        for k, (weights, intercept) in enumerate(self.weights.values()):
            arrays |= {f"weights {k}": weights, f"intercept {k}": intercept}
        arrays |= {f"shift {k}": shift for k, shift in enumerate(self.shifts.values())}
        values = {"names": list(self.names), "outputs": self.outputs,
                  "sets": [list(one) for one in self.weights],
                  "shifted": [list(one) for one in self.shifts]}  # fmt: skip
        return values, arrays

    @classmethod
    def restored(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> SetWeights:
        """What `state` gave."""
        weights = {
            tuple(one): (arrays[f"weights {k}"], arrays[f"intercept {k}"])
            for k, one in enumerate(values["sets"])
        }
        shifts = {tuple(one): arrays[f"shift {k}"] for k, one in enumerate(values["shifted"])}
        return cls(tuple(values["names"]), int(values["outputs"]), weights, shifts,
                   arrays["middle"])  # fmt: skip


def learnable(target: Target) -> bool:
    """Whether there is anything to learn: some events, or labels that differ."""
    if target.timed:
        return int((target.event > 0).sum()) > 1
    return len(target) >= _PRIOR and len(np.unique(target.label)) > 1


def _are(patterns: list[Names], one: Names) -> NDArray[np.bool_]:
    return np.array([other == one for other in patterns], bool)
