"""Link: from sums to what is said of labels and values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.examples.target import Target
from graphs.models.answers import Answers

Floats = NDArray[np.float64]
_NOBODY = np.zeros(0)


@dataclass(frozen=True)
class Link:
    """Log odds of a binary label, of each class, or the value itself.

    Attributes
    ----------
    kind : str
        'binary', 'multi-class' or 'regression'.
    """

    kind: str

    @staticmethod
    def outputs(target: Target) -> int:
        """Sums that a patient has."""
        if target.kind != "multi-class":
            return 1
        return max(len(target.classes), int(target.label.max()) + 1)

    def probability(self, sums: Floats) -> Floats:
        """Of each class, (patient, class), for sums (patient, output)."""
        logits = np.concatenate([np.zeros((len(sums), 1)), sums], axis=1)
        if self.kind == "multi-class":
            logits = sums
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        made: Floats = odds / odds.sum(axis=1, keepdims=True)
        return made

    def answers(self, sums: Floats) -> Answers:
        """What is predicted."""
        if self.kind == "regression":
            return Answers(self.kind, sums[:, 0], _NOBODY)
        likely = self.probability(sums)
        risk = sums[:, 0]
        if self.kind == "multi-class":
            risk = (likely * np.arange(likely.shape[1])).sum(axis=1)
        return Answers(self.kind, risk, _NOBODY, probability=likely)

    def slope(self, sums: Floats) -> Floats:
        """How the risk moves with each sum, (patient, output)."""
        if self.kind != "multi-class":
            return np.ones((len(sums), 1))
        likely = self.probability(sums)
        place = np.arange(likely.shape[1])
        expected = (likely * place).sum(axis=1, keepdims=True)
        made: Floats = likely * (place - expected)
        return made

    def loss(self, sums: Floats, target: Target) -> float:
        """Squared error, or log loss, summed over patients."""
        if self.kind == "regression":
            return float(((sums[:, 0] - target.label) ** 2).sum())
        likely = self.probability(sums)
        own = likely[np.arange(len(sums)), target.label.astype(int)]
        return float(-np.log(np.maximum(own, 1e-12)).sum())
