"""cox_weights: Cox's regression with a ridge of its own for each term."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_MOST, _HALVINGS, _NEAR = 60, 30, 1e-10


def cox_weights(
    matrix: Floats,
    time: Floats,
    event: NDArray[np.bool_],
    penalty: Floats,
    start: Floats | None = None,
) -> Floats:
    """Weights that maximise the log partial likelihood less half the penalised squares.

    Newton's steps with Breslow's handling of ties: what scikit-survival's
    CoxPHSurvivalAnalysis fits, in matrix products instead of a loop over patients, since the
    nested choices of a stack fit it thousands of times.

    Parameters
    ----------
    matrix : ndarray, (patient, term)
    time : ndarray, (patient,)
    event : ndarray of bool, (patient,)
    penalty : ndarray, (term,)
        Above 0.
    start : ndarray, (term,), optional
        Where to begin: the weights of a near penalty.

    Returns
    -------
    ndarray, (term,)
        0 where nothing ever happened.
    """
    weights = np.zeros(matrix.shape[1]) if start is None else start.copy()
    if not event.any() or not matrix.shape[1]:
        return np.zeros(matrix.shape[1])
    order = np.argsort(-time, kind="stable")
    rows, hit = matrix[order], event[order]
    # with ties the risk set goes on to the last of the same time
    last = (np.searchsorted(-time[order], -time[order], "right") - 1)[hit]
    seen = rows[hit].sum(axis=0)

    def loss(at: Floats) -> float:
        sums = rows @ at
        held = np.logaddexp.accumulate(sums)[last]
        return float(held.sum() - sums[hit].sum() + (penalty * at**2).sum() / 2)

    best = loss(weights)
    for _ in range(_MOST):
        sums = rows @ weights
        odds = np.exp(np.maximum(sums - sums.max(), -500))
        total = odds.cumsum()[last]
        mean = (odds[:, None] * rows).cumsum(axis=0)[last] / total[:, None]
        share = np.bincount(last, 1 / total, len(rows))[::-1].cumsum()[::-1] * odds
        gradient = mean.sum(axis=0) - seen + penalty * weights
        curve = (rows * share[:, None]).T @ rows - mean.T @ mean + np.diag(penalty)
        step = np.linalg.solve(curve, gradient)
        if float(gradient @ step) < _NEAR * max(1.0, abs(best)):
            break
        for _ in range(_HALVINGS):
            trial = loss(weights - step)
            if trial <= best:
                break
            step = step / 2
        else:
            break
        weights, best = weights - step, trial
    return weights
