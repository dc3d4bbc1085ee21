"""partial_likelihood: how well risks order the events, as Cox's model sees it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def partial_likelihood(
    risk: NDArray[np.float64], time: NDArray[np.float64], event: NDArray[np.bool_]
) -> float:
    """Log partial likelihood, with Breslow's handling of ties.

    Cox, D.R. (1975), Partial likelihood, Biometrika 62, 269-276.

    Parameters
    ----------
    risk : ndarray, (patient,)
        Log hazards.
    time : ndarray, (patient,)
    event : ndarray of bool, (patient,)
    """
    order = np.argsort(-time, kind="stable")
    held = np.logaddexp.accumulate(risk[order])
    # with ties the risk set goes on to the last of the same time
    last = np.searchsorted(-time[order], -time[event], "right") - 1
    return float((risk[event] - held[last]).sum())
