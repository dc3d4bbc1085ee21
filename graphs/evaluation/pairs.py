"""pair_sums: how often the right one of two patients ranks higher, for many draws at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Risks that differ by less are tied, as in scikit-survival.
TIED = 1e-8
_CELLS = 8_000_000


def pair_sums(
    risk: Floats,
    cases: NDArray[np.int64],
    others: Callable[[NDArray[np.int64]], NDArray[np.bool_]],
    case_weight: Floats,
    weight: Floats,
) -> tuple[Floats, Floats]:
    """Weighted counts of concordant pairs and of all pairs, a draw at a time.

    Parameters
    ----------
    risk : ndarray, (patient,)
    cases : ndarray of int64, (case,)
        Positions of those who should rank higher.
    others : callable
        Positions of some cases to (case, patient): with whom each is compared.
    case_weight : ndarray, (case,)
        Of each case's pairs.
    weight : ndarray, (draw, patient)
        How often each patient was drawn.

    Returns
    -------
    ndarray, (draw,)
        Concordant pairs; ties count half.
    ndarray, (draw,)
        Pairs.

    Notes
    -----
    A draw with repetition is a weight of each patient, so that two products of matrices replace a
    count of pairs for each draw.
    """
    concordant = np.zeros(len(weight))
    total = np.zeros(len(weight))
    step = max(1, _CELLS // max(len(risk), 1))
    for start in range(0, len(cases), step):
        some = cases[start : start + step]
        compared = others(some)
        off = risk[some][:, None] - risk[None, :]
        gain = np.where(off > TIED, 1.0, np.where(np.abs(off) <= TIED, 0.5, 0.0)) * compared
        mine = weight[:, some] * case_weight[start : start + step]
        concordant += ((mine @ gain) * weight).sum(axis=1)
        total += ((mine @ compared.astype(np.float64)) * weight).sum(axis=1)
    return concordant, total
