"""RegressionError: how far predicted values are from the true ones, and whether they rank alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut

Floats = NDArray[np.float64]


def absolute_error(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """Mean absolute error, in the target's unit.

    Parameters
    ----------
    held : HeldOut
    weight : ndarray, (draw, patient)

    Returns
    -------
    ndarray, (draw,)
    ndarray, (draw,)
    """
    return weight @ np.abs(held.answers.risk - held.target.label), weight.sum(axis=1)


def r_squared(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """Share of the squared deviation from the test patients' mean that is explained."""
    true = held.target.label
    total = weight.sum(axis=1)
    mean = np.divide(weight @ true, total, out=np.zeros_like(total), where=total > 0)
    spread = (weight * (true[None, :] - mean[:, None]) ** 2).sum(axis=1)
    return spread - weight @ (held.answers.risk - true) ** 2, spread


def spearman(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """Correlation of ranks, ties at their middle; each fold weighs as it has patients."""
    first, second = _ranks(held.answers.risk, weight), _ranks(held.target.label, weight)
    total = weight.sum(axis=1)

    def centred(ranks: Floats) -> Floats:
        off: Floats = ranks - ((weight * ranks).sum(axis=1) / np.maximum(total, 1e-12))[:, None]
        return off

    one, other = centred(first), centred(second)
    both = (weight * one * other).sum(axis=1)
    scale = np.sqrt((weight * one**2).sum(axis=1) * (weight * other**2).sum(axis=1))
    value = np.divide(both, scale, out=np.full_like(both, np.nan), where=scale > 0)
    return value * total, total


def _ranks(values: Floats, weight: Floats) -> Floats:
    """Middle ranks, (draw, patient), where each patient stands there as often as he was drawn."""
    order = np.argsort(values, kind="stable")
    _, starts, place = np.unique(values[order], return_index=True, return_inverse=True)
    held = np.add.reduceat(weight[:, order], starts, axis=1)
    middle = np.cumsum(held, axis=1) - held / 2
    found = np.empty_like(weight)
    found[:, order] = middle[:, place]
    return found
