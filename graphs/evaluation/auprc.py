"""Auprc: the area under precision by recall of a binary label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut

Floats = NDArray[np.float64]


def auprc(held: HeldOut, weight: Floats) -> tuple[Floats, Floats]:
    """Mean precision at the recall of each patient with the label; chance is the prevalence.

    Parameters
    ----------
    held : HeldOut
    weight : ndarray, (draw, patient)

    Returns
    -------
    ndarray, (draw,)
    ndarray, (draw,)
        Patients with the label; the quotient is scikit-learn's average precision.
    """
    order = np.argsort(-held.answers.risk, kind="stable")
    risk = held.answers.risk[order]
    drawn = weight[:, order]
    hits = drawn * (held.target.label[order] == 1)
    # patients with one risk are above the threshold together
    ends = np.append(np.flatnonzero(np.diff(risk) != 0), len(risk) - 1)
    found, above = np.cumsum(hits, axis=1)[:, ends], np.cumsum(drawn, axis=1)[:, ends]
    precision = np.divide(found, above, out=np.zeros_like(found), where=above > 0)
    steps = np.diff(found, axis=1, prepend=0.0)
    return (steps * precision).sum(axis=1), found[:, -1]
