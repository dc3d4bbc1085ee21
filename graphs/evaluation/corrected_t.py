"""corrected_t: a difference over the folds of repeated cross-validation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from graphs.evaluation.bootstrap import Interval


def corrected_t(differences: ArrayLike, test_share: float) -> Interval:
    """A t test that allows for folds which share their training patients.

    Parameters
    ----------
    differences : array_like, (fold,)
        First model minus second, in each fold of each repeat.
    test_share : float
        Test patients over training patients: .25 with five folds.

    Returns
    -------
    Interval
        NaN with fewer than two folds.

    Notes
    -----
    Nadeau and Bengio 2003: the variance of the mean is (1/k + test share) s^2 instead of s^2/k.
    """
    from scipy.stats import t

    off = np.asarray(differences, float)
    off = off[np.isfinite(off)]
    nan = float("nan")
    if len(off) < 2:
        return Interval(float(off.mean()) if len(off) else nan, nan, nan)
    mean = float(off.mean())
    wide = float(np.sqrt((1 / len(off) + test_share) * off.var(ddof=1)))
    if wide == 0:
        return Interval(mean, mean, mean, 1.0 if mean == 0 else 0.0)
    reach = float(t.ppf(0.975, len(off) - 1)) * wide
    p = float(2 * t.sf(abs(mean) / wide, len(off) - 1))
    return Interval(mean, mean - reach, mean + reach, p)
