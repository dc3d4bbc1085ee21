"""Auroc: do those with the label rank above those without it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.pairs import pair_sums

Floats = NDArray[np.float64]


def auroc(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """Area under the receiver operating characteristic of a binary label.

    Parameters
    ----------
    held : HeldOut
    weight : ndarray, (draw, patient)

    Returns
    -------
    ndarray, (draw,)
        Concordant pairs, ties half.
    ndarray, (draw,)
        Pairs.
    """
    return _one(held.answers.risk, held.target.label == 1, weight)


def macro_auroc(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """The same of each class against all others, (class, draw); the mean counts."""
    chance = held.answers.probability
    if chance is None:
        nothing = np.full((1, len(weight)), np.nan)
        return nothing, nothing
    sums = [_one(chance[:, k], held.target.label == k, weight) for k in range(chance.shape[1])]
    return np.stack([one for one, _ in sums]), np.stack([one for _, one in sums])


def _one(risk: Floats, label: NDArray[np.bool_], weight: Floats) -> tuple[Floats, Floats]:
    def others(some: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.broadcast_to(~label, (len(some), len(label)))

    cases = np.flatnonzero(label)
    return pair_sums(risk, cases, others, np.ones(len(cases)), weight)
