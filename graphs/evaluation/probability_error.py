"""ProbabilityError: how far probabilities are from what happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut

Floats = NDArray[np.float64]
_LEAST = 1e-15


def brier(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """Brier score of a binary label: the mean squared error of its probability.

    Parameters
    ----------
    held : HeldOut
    weight : ndarray, (draw, patient)

    Returns
    -------
    ndarray, (draw,)
    ndarray, (draw,)
    """
    chance = held.chance()
    off = np.full(len(held), np.nan) if chance is None else (chance - held.target.label) ** 2
    return weight @ off, weight.sum(axis=1)


def log_loss(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """Minus the logarithm of the probability of the class that it was (nats)."""
    chance = held.answers.probability
    if chance is None:
        loss = np.full(len(held), np.nan)
    else:
        said = chance[np.arange(len(held)), held.target.label.astype(int)]
        loss = -np.log(np.clip(said / chance.sum(axis=1), _LEAST, None))
    return weight @ loss, weight.sum(axis=1)
