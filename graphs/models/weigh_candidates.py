"""weigh_candidates: which base models of a modality count, and their risk together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.examples.target import Target
from graphs.models.combine import combine
from graphs.models.link import Link
from graphs.models.partial_likelihood import partial_likelihood

Floats = NDArray[np.float64]


def weigh_candidates(
    unseen: Floats, target: Target, penalty: float, *, best: bool
) -> tuple[list[int], Floats, Floats]:
    """Take the mean of standardised risks, or the risk of the best candidate alone.

    Parameters
    ----------
    unseen : ndarray, (patient, candidate, output)
        Risks out of fold; NaN where there is none.
    target : Target
    penalty : float
        Ridge on the weight of a risk, where the best is looked for.
    best : bool

    Returns
    -------
    kept : list of int
        Candidates that count.
    spread : ndarray, (candidate that counts, output)
        By what the risk of each is divided; their sum has a standard deviation of 1.
    risk : ndarray, (patient, output)
    """
    spread = _spread(unseen, target)
    kept = list(range(unseen.shape[1]))
    standard = unseen / spread
    have = np.isfinite(standard).all(axis=(1, 2))
    if best and len(kept) > 1 and have.any():
        own = target.take(have)
        loss = [_loss(standard[have][:, [k]], own, penalty) for k in kept]
        kept = [int(np.argmin(loss))]
    mean = standard[:, kept].mean(axis=1)
    # the mean of several varies less than each: to 1 again
    again = _spread(mean[:, None], target)[0]
    return kept, spread[kept] * again * len(kept), mean / again


def _spread(risks: Floats, target: Target) -> Floats:
    """Standard deviation over patients of (patient, risk, output), and 1 where that is 0."""
    have = np.isfinite(risks).all(axis=(1, 2))
    spread = risks[have].std(axis=0) if have.any() else np.zeros(risks.shape[1:])
    if target.kind == "multi-class":
        # log odds of classes are compared with each other: one scale for all
        spread[:] = np.sqrt((spread**2).mean(axis=1, keepdims=True))
    made: Floats = np.where(spread > 1e-12, spread, 1.0)
    return made


def _loss(risks: Floats, target: Target, penalty: float) -> float:
    """Of one candidate's risk as it would count alone."""
    weights, intercept = combine(risks, target, penalty)
    sums = (risks * weights).sum(axis=1) + intercept
    if target.timed:
        return -partial_likelihood(sums[:, 0], target.time, target.event == 1)
    return Link(target.kind).loss(sums, target)
