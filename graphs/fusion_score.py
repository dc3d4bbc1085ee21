"""fusion_score: how a trained model does on patients that it has not seen."""

from __future__ import annotations

import numpy as np

from graphs.fusion_model import CohortRows, FusionModel, Prediction, Scores
from graphs.kaplan_meier import kaplan_meier

_DRAWS = 200
_GROUPS = 5


def fusion_score(model: FusionModel, rows: CohortRows) -> tuple[Scores, list[Prediction]]:
    """Predict for held-out patients and compare with what happened.

    Parameters
    ----------
    model : FusionModel
        Trained, on none of these patients.
    rows : CohortRows

    Returns
    -------
    Scores
    list of Prediction
        In the order of the patients.

    Raises
    ------
    ValueError
        No two of the patients can be compared.
    """
    from lifelines.utils import concordance_index

    made = [model.predict(patient) for patient in rows.patients]
    risk = np.array([one.risk for one in made], float)

    def concordance(some: np.ndarray) -> float:
        return float(concordance_index(rows.time[some], -risk[some], rows.event[some]))

    everyone = np.arange(len(risk))
    try:
        whole = concordance(everyone)
    except ZeroDivisionError:
        raise ValueError("no two of the held-out patients can be compared") from None
    rng, draws = np.random.default_rng(rows.seed), []
    for _ in range(_DRAWS):
        try:
            draws.append(concordance(rng.choice(everyone, len(everyone))))
        except ZeroDivisionError:  # a draw without a pair to compare
            continue
    low, high = np.quantile(draws, (0.025, 0.975)) if draws else (np.nan, np.nan)
    return Scores(
        len(risk), int(rows.event.sum()), whole, float(low), float(high), rows.horizon, rows.unit,
        _calibration(rows, made),
    ), made  # fmt: skip


def _calibration(
    rows: CohortRows, made: list[Prediction]
) -> list[tuple[float, float, float, float, int]]:
    said = [one.probability for one in made]
    if any(one is None for one in said) or len(made) < 4 * _GROUPS:
        return []
    chance = np.array(said, float)
    order = np.argsort(chance, kind="stable")
    found = []
    for part in np.array_split(order, _GROUPS):
        (curve,) = kaplan_meier(rows.time[part], rows.event[part]).curves
        at = int(np.searchsorted(curve.times, rows.horizon, side="right")) - 1
        found.append(
            (
                float(chance[part].mean()), 1 - float(curve.survival[at]),
                1 - float(curve.upper[at]), 1 - float(curve.lower[at]), len(part),
            )
        )  # fmt: skip
    return found
