"""PointingGame: whether the hottest point of a map lies in the region."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def pointing_game(heat: NDArray[Any], region: NDArray[np.bool_]) -> float:
    """Score one map: 1 where its maximum lies in the region, else 0.

    Parameters
    ----------
    heat : ndarray of float
    region : ndarray of bool
        The same shape.

    Returns
    -------
    float
        Of several equal maxima each counts for its share. NaN where the region is empty or the
        map has no finite value. Zhang et al. 2018, IJCV 126, 1084.
    """
    finite = np.isfinite(heat)
    if not region.any() or not finite.any():
        return float("nan")
    hottest = finite & (heat == heat[finite].max())
    return float(region[hottest].mean())
