"""Calibration: whether a predicted probability is the share of those to whom it happens."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.evaluation.bootstrap import Interval
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.step_curve import StepCurve

Floats = NDArray[np.float64]
_NAN = float("nan")
_NONE = Interval(_NAN, _NAN, _NAN)
_NORMAL = 1.959963984540054  # of 95 %
_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Calibration:
    """How well probabilities hold.

    Attributes
    ----------
    slope : Interval
        1 is right; below it the predictions are too far apart. p is against 1.
    large : Interval
        Observed over predicted, of all patients; 1 is right, above it too little is predicted.
    ici : float
        Mean absolute distance of a smooth curve of what is observed (Austin and Steyerberg 2019;
        of times Austin et al. 2020); NaN where it could not be fitted.
    groups : pandas.DataFrame
        Fifths by predicted probability: patients, events, predicted, observed, low, high.
    horizon : float
        In `unit`; NaN of a binary label.
    unit : str
    """

    slope: Interval
    large: Interval
    ici: float
    groups: pd.DataFrame
    horizon: float
    unit: str

    @property
    def words(self) -> str:
        """All of it in a sentence."""
        return (f"slope {self.slope}, observed over predicted {self.large}, "
                f"mean distance {self.ici:.3f}")  # fmt: skip


def calibration(held: Sequence[HeldOut], groups: int = 5) -> Calibration | None:
    """Compare probabilities with what happened, in the first repeat.

    Parameters
    ----------
    held : sequence of HeldOut
        Folds; each patient once.
    groups : int
        Of as many patients each.

    Returns
    -------
    Calibration or None
        None where no probability is said, or the task has none.
    """
    mine = [one for one in held if one.repeat == held[0].repeat] if held else []
    said = [one.chance() for one in mine]
    if not mine or any(one is None or not np.isfinite(one).all() for one in said):
        return None
    chance = np.clip(np.concatenate([one for one in said if one is not None]), 0, 1)
    time = np.concatenate([one.target.time for one in mine])
    event = np.concatenate([one.target.event for one in mine])
    label = np.concatenate([one.target.label for one in mine])
    fold = np.repeat(np.arange(len(mine)), [len(one) for one in mine])
    horizon, timed = mine[0].horizon, mine[0].target.timed
    rows = []
    for part in np.array_split(np.argsort(chance, kind="stable"), min(groups, len(chance))):
        seen = _observed(time[part], event[part], label[part], horizon, timed)
        events = int((event[part] == 1).sum() if timed else label[part].sum())
        rows.append([len(part), events, float(chance[part].mean()), *seen])
    table = pd.DataFrame(
        rows, columns=["patients", "events", "predicted", "observed", "low", "high"]
    )
    observed, low, high = _observed(time, event, label, horizon, timed)
    expected = max(float(chance.mean()), _LEAST)
    large = Interval(observed / expected, low / expected, high / expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what does not converge is NaN below
        if timed:
            slope, ici = _timed_slope(chance, time, event == 1, fold), _NAN
            if not (event > 1).any():
                ici = _timed_ici(chance, time, event == 1, horizon)
        else:
            slope, ici = _label_slope(chance, label), _label_ici(chance, label)
    return Calibration(slope, large, ici, table, horizon, mine[0].target.unit)


def _observed(
    time: Floats, event: NDArray[np.int64], label: Floats, horizon: float, timed: bool
) -> tuple[float, float, float]:
    """Share with the event by the horizon, or with the label, and its interval."""
    if not timed:
        from statsmodels.stats.proportion import proportion_confint

        low, high = proportion_confint(label.sum(), len(label), method="wilson")
        return float(label.mean()), float(low), float(high)
    if (event > 1).any():
        return _incidence(time, event, horizon)
    from graphs.kaplan_meier import kaplan_meier

    (curve,) = kaplan_meier(time, event == 1).curves
    at = int(np.searchsorted(curve.times, horizon, side="right")) - 1
    return 1 - curve.at(horizon), 1 - float(curve.upper[at]), 1 - float(curve.lower[at])


def _incidence(
    time: Floats, event: NDArray[np.int64], horizon: float
) -> tuple[float, float, float]:
    """Aalen and Johansen's, its interval by 200 draws of patients."""
    value = float(StepCurve.incidence(time, event).at(horizon))
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(200):
        some = rng.integers(0, len(time), len(time))
        drawn.append(float(StepCurve.incidence(time[some], event[some]).at(horizon)))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return value, float(low), float(high)


def _loglog(chance: Floats) -> Floats:
    found: Floats = np.log(-np.log1p(-np.clip(chance, _LEAST, 1 - _LEAST)))
    return found


def _logit(chance: Floats) -> Floats:
    inside = np.clip(chance, _LEAST, 1 - _LEAST)
    found: Floats = np.log(inside / (1 - inside))
    return found


def _wald(value: float, wide: float) -> Interval:
    from scipy.stats import norm

    if not np.isfinite(value) or not np.isfinite(wide) or wide <= 0:
        return _NONE
    p = float(2 * norm.sf(abs(value - 1) / wide))
    return Interval(value, value - _NORMAL * wide, value + _NORMAL * wide, p)


def _timed_slope(
    chance: Floats, time: Floats, event: NDArray[np.bool_], fold: NDArray[np.int64]
) -> Interval:
    """Of a Cox regression on the log of the predicted hazard, folds as strata."""
    import statsmodels.api as sm

    line = _loglog(chance)
    if event.sum() < 2 or line.std() < _LEAST:
        return _NONE
    try:
        fit = sm.PHReg(time, line - line.mean(), status=event.astype(int), strata=fold,
                       ties="efron").fit(disp=0)  # fmt: skip
        return _wald(float(fit.params[0]), float(fit.bse[0]))
    except (ValueError, IndexError, np.linalg.LinAlgError):
        return _NONE


def _timed_ici(chance: Floats, time: Floats, event: NDArray[np.bool_], horizon: float) -> float:
    """A Cox regression on a restricted cubic spline of the log hazard gives what is observed."""
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    line = _loglog(chance)
    columns = _spline(line)
    if columns is None or event.sum() < 10:
        return _NAN
    frame = pd.DataFrame(columns).assign(time=np.maximum(time, 1e-9), event=event)
    try:
        fit = CoxPHFitter().fit(frame, "time", "event")
        seen = 1 - fit.predict_survival_function(frame, times=[horizon]).to_numpy(float)[0]
    except (ConvergenceError, ValueError, np.linalg.LinAlgError):
        return _NAN
    return float(np.abs(seen - chance).mean())


def _spline(line: Floats) -> dict[str, Floats] | None:
    """Restricted cubic spline with knots at the 10th, 50th and 90th percentile (Harrell 2001)."""
    knots = np.quantile(line, [0.1, 0.5, 0.9])
    if len(np.unique(knots)) < 3:
        return None
    first, middle, last = knots
    over = [np.maximum(line - one, 0) ** 3 for one in knots]
    bend = over[0] - over[1] * (last - first) / (last - middle)
    bend += over[2] * (middle - first) / (last - middle)
    return {"line": line - line.mean(), "bend": bend / (last - first) ** 2}


def _label_slope(chance: Floats, label: Floats) -> Interval:
    """Of a logistic regression on the log odds."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    line = _logit(chance)
    if line.std() < _LEAST or len(np.unique(label)) < 2:
        return _NONE
    try:
        fit = sm.GLM(label, sm.add_constant(line), family=sm.families.Binomial()).fit()
        return _wald(float(fit.params[1]), float(fit.bse[1]))
    except (ValueError, PerfectSeparationError, np.linalg.LinAlgError):
        return _NONE


def _label_ici(chance: Floats, label: Floats) -> float:
    from statsmodels.nonparametric.smoothers_lowess import lowess

    if len(np.unique(chance)) < 10:
        return _NAN
    seen = lowess(label, chance, frac=0.75, it=0, return_sorted=False)
    return float(np.abs(np.clip(seen, 0, 1) - chance).mean())
