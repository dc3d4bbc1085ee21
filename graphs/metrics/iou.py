"""IoU: how much two regions have in common, of what either has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Box = tuple[tuple[float, float], ...]


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks (Jaccard 1912).

    Parameters
    ----------
    one, other : ndarray of bool
        The same shape.

    Returns
    -------
    float
        0 to 1; NaN where both are empty.

    Raises
    ------
    ValueError
        The shapes differ.
    """
    if one.shape != other.shape:
        raise ValueError(f"shapes {one.shape} and {other.shape}: two masks of one grid are needed")
    union = int(np.count_nonzero(one | other))
    return np.count_nonzero(one & other) / union if union else float("nan")


def box_iou(one: Box, other: Box) -> float:
    """Intersection over union of two boxes of any number of dims.

    Parameters
    ----------
    one, other : tuple of (start, end)
        One span a dim, half-open: ``((y0, y1), (x0, x1))``.

    Returns
    -------
    float
        0 to 1; NaN where both are empty.
    """
    shared = 1.0
    for (a0, a1), (b0, b1) in zip(one, other, strict=True):
        shared *= max(0.0, min(a1, b1) - max(a0, b0))
    union = _size(one) + _size(other) - shared
    return shared / union if union > 0 else float("nan")


def _size(box: Box) -> float:
    size = 1.0
    for start, end in box:
        size *= max(0.0, end - start)
    return size
