"""in_one_unit: numbers of several units as numbers of one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.features.unit_ratio import unit_ratio

UNIT = "a unit that cannot be compared with that of the others"
NO_NUMBER = "no number, where the others are one"


def in_one_unit(
    numbers: NDArray[np.float64], units: NDArray[Any], unit: str
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Convert what can be converted.

    Parameters
    ----------
    numbers : ndarray of float, (row,)
    units : ndarray of str, (row,)
        '' where there is none.
    unit : str
        That is wanted.

    Returns
    -------
    numbers : ndarray of float, (row,)
        NaN where one cannot be had.
    why : ndarray of str, (row,)
        Why not; '' where it can.
    """
    why: NDArray[Any] = np.full(len(numbers), "", object)
    made = numbers.copy()
    for one in set(units.tolist()) - {unit}:
        ratio = unit_ratio(one, unit)
        there = units == one
        made[there] = np.nan if ratio is None else numbers[there] * ratio
        if ratio is None:
            why[there] = f"{UNIT}: {one or 'none'}, not {unit or 'none'}"
    why[np.isnan(numbers)] = NO_NUMBER
    return made, why


def commonest(units: NDArray[Any]) -> str:
    """The unit of the most rows; of as many, the first by name."""
    if not len(units):
        return ""
    found, count = np.unique(units.astype(str), return_counts=True)
    return str(found[int(count.argmax())])
