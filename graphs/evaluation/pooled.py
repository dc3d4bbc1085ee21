"""pooled: a measure over the folds and repeats of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.measures import Measure

Floats = NDArray[np.float64]
_DRAWS = 250


def pooled(measure: Measure, held: Sequence[HeldOut], weight: Floats) -> Floats:
    """The measure of each draw of patients.

    Parameters
    ----------
    measure : Measure
    held : sequence of HeldOut
        Folds of one or more repeats.
    weight : ndarray, (draw, patient)
        How often each of all patients was drawn; in every repeat the same.

    Returns
    -------
    ndarray, (draw,)
        Folds of a repeat are added up, repeats averaged; NaN where nothing can be compared.
    """
    found = []
    for start in range(0, len(weight), _DRAWS):
        some = weight[start : start + _DRAWS]
        values = []
        for repeat in sorted({one.repeat for one in held}):
            mine = [one for one in held if one.repeat == repeat]
            sums = [measure.sums(one, some[:, one.rows]) for one in mine]
            values.append(_quotient(sum(up for up, _ in sums), sum(down for _, down in sums)))
        found.append(np.mean(values, axis=0) if values else np.full(len(some), np.nan))
    return np.concatenate(found) if found else np.zeros(0)


def by_fold(measure: Measure, held: Sequence[HeldOut]) -> Floats:
    """The measure of each fold by itself, (fold,)."""
    found = [_quotient(*measure.sums(one, np.ones((1, len(one)))))[0] for one in held]
    return np.array(found, float)


def _quotient(up: Floats | int, down: Floats | int) -> Floats:
    numerator, denominator = np.asarray(up, float), np.asarray(down, float)
    value: Floats = np.divide(
        numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0
    )
    if value.ndim == 1:
        return value
    # a class that nobody has, and that is never said, does not count
    there = np.isfinite(value)
    count = there.sum(axis=0)
    total = np.where(there, value, 0).sum(axis=0)
    found: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return found
