"""MacroF1: precision and recall of the class that is said, each class alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut

Floats = NDArray[np.float64]


def said_class(held: HeldOut) -> NDArray[np.int64]:
    """The likeliest class of each patient, (patient,); -1 where no probability is said."""
    chance = held.answers.probability
    if chance is None:
        return np.full(len(held), -1)
    found: NDArray[np.int64] = chance.argmax(axis=1)
    return found


def macro_f1(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """F1 of each class that is there or is said, (class, draw); the mean counts.

    Parameters
    ----------
    held : HeldOut
    weight : ndarray, (draw, patient)

    Returns
    -------
    ndarray, (class, draw)
        Twice the hits.
    ndarray, (class, draw)
        Patients of the class and patients who are said to be of it.
    """
    said, label = said_class(held), held.target.label.astype(int)
    count = max(len(held.target.classes), int(label.max(initial=0)) + 1,
                int(said.max(initial=0)) + 1)  # fmt: skip
    hits = [2 * (weight @ ((said == k) & (label == k)).astype(float)) for k in range(count)]
    every = [weight @ ((said == k).astype(float) + (label == k)) for k in range(count)]
    return np.stack(hits), np.stack(every)


def accuracy(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """Share of patients whose likeliest class is theirs."""
    right = (said_class(held) == held.target.label.astype(int)).astype(float)
    return weight @ right, weight.sum(axis=1)
