"""decision_curve: is acting on a prediction better than acting on everybody, or on nobody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.step_curve import StepCurve

Floats = NDArray[np.float64]


def decision_curve(
    held: Sequence[HeldOut], thresholds: Sequence[float] | None = None
) -> pd.DataFrame:
    """Net benefit by threshold probability, in the first repeat.

    Parameters
    ----------
    held : sequence of HeldOut
    thresholds : sequence of float, optional
        Probabilities, above 0 and below 1; by default each hundredth up to what is predicted of
        99 % of the patients.

    Returns
    -------
    pandas.DataFrame
        threshold, model, all, none: true positives a patient, minus false positives a patient
        times the odds of the threshold. Empty where no probability is said.

    Notes
    -----
    Vickers and Elkin 2006; of times Vickers et al. 2008: among those who are flagged the share
    with the event is that of their Kaplan-Meier (with competing risks Aalen-Johansen) curve.
    """
    head = ["threshold", "model", "all", "none"]
    mine = [one for one in held if one.repeat == held[0].repeat] if held else []
    said = [one.chance() for one in mine]
    if not mine or any(one is None or not np.isfinite(one).all() for one in said):
        return pd.DataFrame(columns=head)
    chance = np.concatenate([one for one in said if one is not None])
    time = np.concatenate([one.target.time for one in mine])
    event = np.concatenate([one.target.event for one in mine])
    label = np.concatenate([one.target.label for one in mine])
    timed, horizon = mine[0].target.timed, mine[0].horizon

    def share(mask: NDArray[np.bool_]) -> float:
        if not timed:
            return float(label[mask].mean())
        return float(StepCurve.incidence(time[mask], event[mask]).at(horizon))

    def benefit(mask: NDArray[np.bool_], at: float) -> float:
        if not mask.any():
            return 0.0
        hit = share(mask)
        return float(mask.mean() * (hit - (1 - hit) * at / (1 - at)))

    if thresholds is None:
        top = min(0.99, max(0.02, float(np.quantile(chance, 0.99))))
        thresholds = np.arange(0.01, top + 0.005, 0.01).tolist()
    everybody = np.ones(len(chance), bool)
    rows = [[at, benefit(chance >= at, at), benefit(everybody, at), 0.0] for at in thresholds]
    return pd.DataFrame(rows, columns=head)
