"""Concordance: does who has the event earlier have the higher risk."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.pairs import pair_sums

Floats = NDArray[np.float64]
Sums = tuple[Floats, Floats]


def harrell(held: HeldOut, weight: Floats) -> Sums:
    """Harrell's c: pairs of which it is known who had the event first.

    With competing risks it is that of cause 1, the other causes being censorings.

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

    Notes
    -----
    Harrell, Lee and Mark 1996. The same pairs as scikit-survival's.
    """
    cases = np.flatnonzero(held.target.event == 1)
    return _sums(held, weight, cases, np.ones(len(cases)))


def uno(held: HeldOut, weight: Floats) -> Sums:
    """Uno's c: the same, each pair over the squared chance to be followed so long.

    The chance is that of the training patients (Uno et al. 2011); events after the last of whom
    they know are left out.
    """
    cases = np.flatnonzero(held.target.event == 1)
    return _sums(held, weight, cases, held.weights(held.target.time[cases]) ** 2)


def wolbers(held: HeldOut, weight: Floats) -> Sums:
    """Concordance with competing risks: who had another event never gets the one in question.

    Wolbers et al. 2009: of a pair with an event of cause 1, the other is anyone who was followed
    longer, or who had an event of another cause at whatever time.
    """
    cases = np.flatnonzero(held.target.event == 1)
    return _sums(held, weight, cases, np.ones(len(cases)), competing=held.target.event > 1)


def _sums(
    held: HeldOut,
    weight: Floats,
    cases: NDArray[np.int64],
    of_case: Floats,
    competing: NDArray[np.bool_] | None = None,
) -> Sums:
    time, mine = held.target.time, held.target.event == 1

    def others(some: NDArray[np.int64]) -> NDArray[np.bool_]:
        later = time[None, :] > time[some][:, None]
        later |= (time[None, :] == time[some][:, None]) & ~mine[None, :]
        if competing is not None:
            later |= competing[None, :]
        return later

    return pair_sums(held.answers.risk, cases, others, of_case, weight)
