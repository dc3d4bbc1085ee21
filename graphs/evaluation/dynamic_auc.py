"""DynamicAuc: do those with the event by a time rank above those without it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.pairs import pair_sums

Floats = NDArray[np.float64]


def dynamic_auc(held: HeldOut, weight: Floats, time: float | None = None) -> tuple[Floats, Floats]:
    """Cumulative cases against dynamic controls (Heagerty and Zheng 2005; Uno et al. 2007).

    Parameters
    ----------
    held : HeldOut
    weight : ndarray, (draw, patient)
    time : float, optional
        In the target's unit; the horizon by default.

    Returns
    -------
    ndarray, (draw,)
        Concordant pairs, each case over its chance to be followed so long; ties count half.
    ndarray, (draw,)
        Pairs.
    """
    at = held.horizon if time is None else time
    spent = held.target.time
    cases = np.flatnonzero((held.target.event == 1) & (spent <= at))
    free = spent > at

    def others(some: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.broadcast_to(free, (len(some), len(free)))

    risk = held.answers.event_by(at)
    if risk is None:
        risk = held.answers.risk
    return pair_sums(risk, cases, others, held.weights(spent[cases]), weight)
