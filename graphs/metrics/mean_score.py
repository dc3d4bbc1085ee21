"""MeanScore: the mean of a metric over reports or patients, with an interval."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from graphs.metrics.score import Score


def mean_score(
    metric: str,
    values: Sequence[float],
    *,
    groups: Sequence[Hashable] | None = None,
    seed: int = 0,
    draws: int = 1000,
    length_ratio: float | None = None,
) -> Score:
    """Average over what has a value, with a percentile bootstrap interval.

    Parameters
    ----------
    metric : str
    values : sequence of float
        One a report; NaN where it has none: left out, and counted in the problems.
    groups : sequence, optional
        Whose each is (a patient): drawn as a whole, so that the interval is not too narrow.
    seed : int
    draws : int
    length_ratio : float, optional

    Returns
    -------
    Score

    Notes
    -----
    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    data = np.asarray(values, float)
    known = ~np.isnan(data)
    missing = int((~known).sum())
    problems = (f"{missing} of {len(data)} have no value",) if missing else ()
    if not known.any():
        return Score(metric, float("nan"), 0, length_ratio=length_ratio, problems=problems)
    names = (
        np.arange(len(data)) if groups is None else np.unique(list(groups), return_inverse=True)[1]
    )
    sums = np.bincount(names[known], data[known], minlength=names.max() + 1)
    counts = np.bincount(names[known], minlength=names.max() + 1)
    there = counts > 0
    sums, counts = sums[there], counts[there]
    low = high = None
    if len(sums) > 1:
        picks = np.random.default_rng(seed).integers(0, len(sums), (draws, len(sums)))
        means = sums[picks].sum(1) / counts[picks].sum(1)
        low, high = (float(v) for v in np.quantile(means, [0.025, 0.975]))
    return Score(
        metric, float(data[known].mean()), int(known.sum()), low, high,
        length_ratio=length_ratio, problems=problems,
    )  # fmt: skip
