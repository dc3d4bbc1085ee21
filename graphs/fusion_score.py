"""fusion_score: how a trained model does on patients that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from graphs.examples.target import Target
from graphs.kaplan_meier import kaplan_meier
from graphs.models.answers import Answers
from graphs.scores import Scores

_DRAWS = 200
_GROUPS = 5
Floats = NDArray[np.float64]


def fusion_score(
    answers: Answers,
    target: Target,
    horizon: float,
    *,
    alone: Mapping[str, Answers] | None = None,
    seed: int = 0,
) -> Scores:
    """Compare predictions for held-out patients with what happened.

    Parameters
    ----------
    answers : Answers
        Of a model that was trained on none of these patients.
    target : Target
        Survival of the same patients; all known.
    horizon : float
        Time up to which probabilities are looked at, in the target's unit.
    alone : mapping of str to Answers, optional
        Of models on one modality each. The best of them is chosen by these very patients, which
        is in its favour: a gain is rather told too small.
    seed : int
        Of the bootstrap, which draws the same patients for all.

    Raises
    ------
    ValueError
        No two of the patients can be compared.
    """
    everyone = np.arange(len(target))
    rng = np.random.default_rng(seed)
    draws = [rng.choice(everyone, len(everyone)) for _ in range(_DRAWS)]
    risk = np.asarray(answers.risk, float)
    whole = _concordance(risk, target, everyone)
    if whole is None:
        raise ValueError("no two of the held-out patients can be compared")
    drawn = _each(risk, target, draws)
    low, high = np.nanquantile(drawn, (0.025, 0.975)) if np.isfinite(drawn).any() else (np.nan,) * 2
    singles = {
        name: _concordance(np.asarray(one.risk, float), target, everyone) or np.nan
        for name, one in (alone or {}).items()
    }
    gain = ""
    if singles:
        best = max(singles, key=lambda name: np.nan_to_num(singles[name]))
        other = _each(np.asarray((alone or {})[best].risk, float), target, draws)
        gain = _words(best, whole, singles[best], drawn - other)
    return Scores(
        len(target), int((target.event > 0).sum()), whole, float(low), float(high), horizon,
        target.unit, _calibration(answers, target, horizon), gain, singles,
    )  # fmt: skip


def _concordance(risk: Floats, target: Target, some: NDArray[np.int64]) -> float | None:
    from lifelines.utils import concordance_index

    try:
        return float(concordance_index(target.time[some], -risk[some], target.event[some] == 1))
    except ZeroDivisionError:  # no pair to compare
        return None


def _each(risk: Floats, target: Target, draws: list[NDArray[np.int64]]) -> Floats:
    found = [_concordance(risk, target, some) for some in draws]
    return np.array([np.nan if one is None else one for one in found])


def _words(best: str, whole: float, single: float, gaps: Floats) -> str:
    if not np.isfinite(gaps).any():
        return f"too few patients to compare it with {best} alone"
    low, high = np.nanquantile(gaps, (0.025, 0.975))
    said = "cannot be told from" if low <= 0 <= high else "is better than"
    if high < 0:
        said = "is worse than"
    return (
        f"all modalities together {said} {best} alone, the best single one: c-index {whole:.3f} "
        f"against {single:.3f}, difference {whole - single:+.3f} (95 % interval {low:+.3f} to "
        f"{high:+.3f}) on the same held-out patients"
    )


def _calibration(
    answers: Answers, target: Target, horizon: float
) -> list[tuple[float, float, float, float, int]]:
    chance = answers.event_by(horizon)
    if chance is None or len(target) < 4 * _GROUPS:
        return []
    order = np.argsort(chance, kind="stable")
    found = []
    for part in np.array_split(order, _GROUPS):
        (curve,) = kaplan_meier(target.time[part], target.event[part] == 1).curves
        at = int(np.searchsorted(curve.times, horizon, side="right")) - 1
        found.append(
            (
                float(chance[part].mean()), 1 - float(curve.survival[at]),
                1 - float(curve.upper[at]), 1 - float(curve.lower[at]), len(part),
            )
        )  # fmt: skip
    return found
