"""MapIou: IoU of a heat map with a region, over thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.metrics.iou import iou

# Boecking et al. 2022 (BioViL), section 4: the mean over these thresholds of a map in [-1, 1].
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5)


def map_iou(
    heat: NDArray[Any], region: NDArray[np.bool_], thresholds: Sequence[float] = THRESHOLDS
) -> float:
    """Mean over thresholds of the IoU of ``heat > threshold`` with a region.

    Parameters
    ----------
    heat : ndarray of float
        Similarities; the shape of `region`.
    region : ndarray of bool
        What was to be found.
    thresholds : sequence of float

    Returns
    -------
    float
        0 to 1; a threshold that leaves nothing counts as 0. NaN where the region is empty.
    """
    if not region.any():
        return float("nan")
    return float(np.mean([iou(heat > threshold, region) for threshold in thresholds]))
