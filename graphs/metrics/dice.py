"""Dice: twice what two masks have in common, of what they have together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Dice coefficient of two masks (Dice 1945).

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
    both = int(np.count_nonzero(one)) + int(np.count_nonzero(other))
    return 2 * np.count_nonzero(one & other) / both if both else float("nan")
