"""Within folds: scores of held-out patients, and how well they order, compared fold by fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_ROWS = 1024


def patient_folds(label: NDArray[np.generic], patient: Ints, folds: int, seed: int) -> Ints:
    """A fold of each sample, all of a patient in one, the labels spread evenly.

    Parameters
    ----------
    label, patient : ndarray, (sample,)
    folds : int
    seed : int

    Returns
    -------
    ndarray of int64, (sample,)
    """
    from sklearn.model_selection import StratifiedGroupKFold

    found = np.zeros(len(label), np.int64)
    cut = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for k, (_, test) in enumerate(cut.split(np.zeros(len(label)), label, patient)):
        found[test] = k
    return found


def areas_within(
    positive: NDArray[np.bool_], score: Floats, fold: Ints, weights: NDArray[np.float32]
) -> Floats:
    """Areas under the curve of pairs of one fold, averaged by the numbers of pairs.

    Scores of different folds come from different models: put in one list, without anything to
    learn, they order backwards, since a fold with more positives leaves fewer to train on.

    Parameters
    ----------
    positive, score, fold : ndarray, (sample,)
    weights : ndarray of float32, (draw, sample)
        How often a sample counts in each draw.

    Returns
    -------
    ndarray, (draw,)
        NaN where a draw has no pair.
    """
    right, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for k in np.unique(fold):
        one, two = (np.flatnonzero((fold == k) & side) for side in (positive, ~positive))
        others = weights[:, two]
        for first in range(0, len(one), _ROWS):
            some = one[first : first + _ROWS]
            gap = score[some][:, None] - score[two][None]
            wins = (np.sign(gap) + 1).astype(np.float32) / 2
            mine = weights[:, some]
            right += ((mine @ wins) * others).sum(axis=1)
            pairs += mine.sum(axis=1) * others.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(right / pairs)


def draws_of(patient: Ints, draws: int, seed: int) -> NDArray[np.float32]:
    """Weights of samples when patients are drawn with replacement, (draw, sample); first all 1."""
    rng = np.random.default_rng(seed)
    names, place = np.unique(patient, return_inverse=True)
    found = np.ones((draws + 1, len(patient)), np.float32)
    for k in range(1, draws + 1):
        count = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        found[k] = count[place]
    return found


def interval(values: Floats | Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """Estimate (the first) and percentile interval of the others."""
    drawn = np.asarray(values[1:], float)
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return float(values[0]), float("nan"), float("nan")
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(values[0]), float(low), float(high)
