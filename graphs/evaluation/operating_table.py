"""operating_table: a threshold that is chosen on some patients, and how it does on others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.evaluation.bootstrap import interval
from graphs.evaluation.estimates import Estimates, common, patients_of
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.run_folds import CHOOSING, CHOSEN_BY, WHOLE, Ran

Floats = NDArray[np.float64]
_SHARES = ("sensitivity", "specificity", "positive predictive value", "negative predictive value",
           "flagged")  # fmt: skip


def score_of(held: HeldOut) -> Floats:
    """What is compared with the threshold: the probability where one is said, else the risk."""
    chance = held.chance()
    return held.answers.risk if chance is None else chance


def threshold(held: HeldOut, rule: tuple[str, float]) -> float:
    """The threshold that reaches a sensitivity, or specificity, with the best of the other.

    Parameters
    ----------
    held : HeldOut
        Patients whom it is chosen by.
    rule : (str, float)
        ('sensitivity', .95) or ('specificity', .9).

    Returns
    -------
    float
        Who has it, or more, is flagged; NaN where there is nobody with, or without, the event.
    """
    score = score_of(held)
    truth, weight = held.truth()
    case, other = weight * truth, weight * (1 - truth)
    if case.sum() <= 0 or other.sum() <= 0 or not np.isfinite(score).all():
        return float("nan")
    name, wanted = rule
    levels = np.unique(score)
    if name == "sensitivity":
        reached = np.array([case[score >= one].sum() for one in levels]) / case.sum()
        return float(levels[np.flatnonzero(reached >= wanted - 1e-12)[-1]])
    passed = np.array([other[score < one].sum() for one in levels]) / other.sum()
    fits = np.flatnonzero(passed >= wanted - 1e-12)
    return float(levels[fits[0]]) if len(fits) else float(np.nextafter(levels[-1], np.inf))


def operating_table(names: list[str], ran: Ran, estimates: Estimates) -> pd.DataFrame:
    """Each model's threshold on test patients, with intervals.

    Parameters
    ----------
    names : list of str
    ran : Ran
    estimates : Estimates

    Returns
    -------
    pandas.DataFrame
        model, rule, threshold (mean over folds, each of which has its own), chosen by (patients:
        training patients whom the model was not fitted on), and sensitivity, specificity,
        predictive values and the share that is flagged, each with 'low' and 'high'. Of times the
        event is that by the horizon, with inverse weights of censoring. 'reached' says whether
        what was asked for lies within or below the interval on test patients.
    """
    rule = estimates.setting.operating
    if rule is None:
        return pd.DataFrame()
    rows = []
    for name in names:
        chosen_by = ran.held.get((name, CHOSEN_BY), [])
        tested = ran.held.get((name, WHOLE if estimates.setting.validation else CHOOSING), [])
        test, choose = common(tested, chosen_by)
        levels = [threshold(one, rule) for one in choose]
        pairs = [(one, level) for one, level in zip(test, levels, strict=True)
                 if np.isfinite(level)]  # fmt: skip
        if not pairs:
            continue
        row: dict[str, Any] = {
            "model": name, "rule": f"{rule[0]} {rule[1]:g}",
            "threshold": float(np.mean([level for _, level in pairs])),
            "chosen by": len(patients_of(choose)), "patients": len(patients_of(test)),
        }  # fmt: skip
        for k, share in enumerate(_SHARES):
            drawn = _shares(pairs, estimates.weight, k)
            one = interval(float(drawn[0]), drawn[1:])
            row |= {share: one.value, f"{share} low": one.low, f"{share} high": one.high}
        row["reached"] = bool(row[f"{rule[0]} high"] >= rule[1])
        rows.append(row)
    return pd.DataFrame(rows)


def _shares(pairs: Sequence[tuple[HeldOut, float]], weight: Floats, which: int) -> Floats:
    """One of `_SHARES` of each draw, folds added up, repeats averaged, (draw,)."""
    values = []
    for repeat in sorted({one.repeat for one, _ in pairs}):
        up, down = np.zeros(len(weight)), np.zeros(len(weight))
        for held, level in pairs:
            if held.repeat != repeat:
                continue
            truth, own = held.truth()
            drawn = weight[:, held.rows] * own
            flagged = (score_of(held) >= level).astype(float)
            right, among = [
                (flagged * truth, truth), ((1 - flagged) * (1 - truth), 1 - truth),
                (flagged * truth, flagged), ((1 - flagged) * (1 - truth), 1 - flagged),
                (flagged, np.ones(len(held))),
            ][which]  # fmt: skip
            up, down = up + drawn @ right, down + drawn @ among
        values.append(np.divide(up, down, out=np.full(len(up), np.nan), where=down > 0))
    found: Floats = np.mean(values, axis=0)
    return found
