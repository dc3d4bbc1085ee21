"""CNR: how much a heat map's values inside of a region stand out from those outside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def cnr(heat: NDArray[Any], region: NDArray[np.bool_]) -> float:
    """Contrast-to-noise ratio: ``|mean in - mean out| / sqrt(var in + var out)``.

    Parameters
    ----------
    heat : ndarray of float
    region : ndarray of bool
        The same shape.

    Returns
    -------
    float
        From 0 up, without a threshold to choose; NaN where a side is empty, infinite where both
        are flat and differ. Boecking et al. 2022 (BioViL), section 4.
    """
    inside, outside = heat[region], heat[~region]
    if not inside.size or not outside.size:
        return float("nan")
    gap = abs(float(inside.mean()) - float(outside.mean()))
    noise = float(np.sqrt(inside.var() + outside.var()))
    if noise == 0:
        return float("inf") if gap else 0.0
    return gap / noise
