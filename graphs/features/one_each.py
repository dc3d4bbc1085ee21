"""one_each: of several rows of a patient the one that counts, by a rule that is stated."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Several = Literal["last", "first", "only"]
RULES = ("last", "first", "only")


def one_each(
    cell: NDArray[np.int64],
    day: NDArray[np.float64],
    value: NDArray[Any],
    several: Several = "last",
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Choose a row a cell.

    Parameters
    ----------
    cell : ndarray of int64, (row,)
        Of which patient and feature each row is.
    day : ndarray of float, (row,)
        NaN where a row has none: it counts only where no row of the cell has one.
    value : ndarray, (row,)
        Codes: equal where two rows say the same.
    several : {'last', 'first', 'only'}
        Of rows of different days the latest, the earliest, or none where they differ. Rows of one
        day that differ are never chosen from.

    Returns
    -------
    chosen : ndarray of int64, (cell,)
        A row of each cell, in the order of the cells.
    differ : ndarray of bool, (cell,)
        Whether the rows that count do not say the same, so that nothing is known.
    """
    if not len(cell):
        return np.zeros(0, np.int64), np.zeros(0, bool)
    key = np.where(np.isnan(day), np.inf, day if several == "first" else -day)
    order = np.lexsort((np.arange(len(cell)), key, cell))
    sorted_, when, said = cell[order], key[order], value[order]
    starts = np.flatnonzero(np.r_[True, sorted_[1:] != sorted_[:-1]])
    size = np.diff(np.r_[starts, len(cell)])
    counts = np.ones(len(cell), bool)
    if several != "only":
        counts = when == np.repeat(when[starts], size)
    first = np.repeat(said[starts], size)
    differ = np.logical_or.reduceat(counts & (said != first), starts)
    return order[starts].astype(np.int64), np.asarray(differ, bool)
