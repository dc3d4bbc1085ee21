"""Within folds: scores of held-out patients, and how well they order, compared fold by fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


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


def auroc_within(positive: NDArray[np.bool_], score: Floats, fold: Ints, weight: Ints) -> float:
    """Area under the curve of pairs of one fold, averaged by the numbers of pairs.

    Scores of different folds come from different models: put in one list, without anything to
    learn, they order backwards, since a fold with more positives leaves fewer to train on.

    Parameters
    ----------
    positive, score, fold, weight : ndarray, (sample,)
        Weight: how often a sample counts in a bootstrap draw.
    """
    right = pairs = 0.0
    for k in np.unique(fold):
        mine = (fold == k) & (weight > 0)
        one, two = mine & positive, mine & ~positive
        if not one.any() or not two.any():
            continue
        order = np.argsort(score[two], kind="stable")
        beaten = np.concatenate([[0], weight[two][order].cumsum()]).astype(float)
        low = np.searchsorted(score[two][order], score[one], "left")
        high = np.searchsorted(score[two][order], score[one], "right")
        right += float((weight[one] * (beaten[low] + beaten[high]) / 2).sum())
        pairs += float(weight[one].sum()) * beaten[-1]
    return right / pairs if pairs else float("nan")


def draws_of(patient: Ints, draws: int, seed: int) -> list[Ints]:
    """Weights of samples when patients are drawn with replacement, the real one first."""
    rng = np.random.default_rng(seed)
    names, place = np.unique(patient, return_inverse=True)
    found = [np.ones(len(patient), np.int64)]
    for _ in range(draws):
        count = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        found.append(count[place].astype(np.int64))
    return found


def interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """Estimate (the first) and percentile interval of the others."""
    drawn = np.asarray(values[1:], float)
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return float(values[0]), float("nan"), float("nan")
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(values[0]), float(low), float(high)
