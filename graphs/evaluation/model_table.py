"""model_table: models and their modalities side by side, and each pair of models compared."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from graphs.evaluation.bootstrap import Interval
from graphs.evaluation.corrected_t import corrected_t
from graphs.evaluation.delong import delong
from graphs.evaluation.estimates import Estimates, common, patients_of
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.macro_f1 import said_class
from graphs.evaluation.mcnemar import mcnemar
from graphs.evaluation.measures import MEASURES, Measure
from graphs.evaluation.pooled import by_fold
from graphs.evaluation.run_folds import WHOLE, Ran
from graphs.evaluation.setting import Setting


def model_table(names: list[str], ran: Ran, estimates: Estimates, first: Measure) -> pd.DataFrame:
    """A row for each model and for each of its modalities alone.

    Parameters
    ----------
    names : list of str
        Models.
    ran : Ran
    estimates : Estimates
    first : Measure
        With an interval; the others stand beside it as numbers.

    Returns
    -------
    pandas.DataFrame
        model, inputs, the measure with 'low' and 'high' (patients are compared within their
        fold), 'mean of folds' and 'SD of folds', the other measures, patients, events, folds done
        of those asked for, seconds, and 'why' where something is missing.
    """
    setting = estimates.setting
    rows = []
    for name in names:
        for variation in (WHOLE, *(f"alone: {one}" for one in setting.examples.modalities)):
            held = ran.held.get((name, variation), [])
            problems = ran.problems.get((name, variation), [])
            if held or problems or variation == WHOLE:
                rows.append(_row(name, variation, held, problems, ran, estimates, first))
    return pd.DataFrame(rows)


def _row(
    name: str, variation: str, held: list[HeldOut], problems: list[str], ran: Ran,
    estimates: Estimates, first: Measure,
) -> dict[str, Any]:  # fmt: skip
    setting = estimates.setting
    whole = variation == WHOLE
    value = estimates.of(first, held)
    folds = by_fold(first, held) if held else np.zeros(0)
    folds = folds[np.isfinite(folds)]
    rows = patients_of(held)
    inputs = " + ".join(setting.examples.modalities) if whole else variation.removeprefix("alone: ")
    row: dict[str, Any] = {
        "model": name, "inputs": inputs, first.name: value.value, "low": value.low,
        "high": value.high, "mean of folds": folds.mean() if len(folds) else np.nan,
        "SD of folds": folds.std(ddof=1) if len(folds) > 1 else np.nan,
    }  # fmt: skip
    for one in MEASURES[setting.target.kind]:
        if one.name != first.name:
            row[one.name] = estimates.drawn(one, held, most=0)[0] if held else np.nan
    target = setting.target.take(rows)
    row["patients"] = len(rows)
    if target.timed or target.kind == "binary":
        row["events"] = int(((target.event if target.timed else target.label) == 1).sum())
    row["folds"] = f"{len(held)} of {len(setting.folds)}"
    row["seconds"] = round(ran.seconds.get(name, 0.0), 2) if whole else np.nan
    row["why"] = "; ".join(problems) or ("" if len(held) == len(setting.folds) else "stopped")
    return row


def measure_table(names: list[str], ran: Ran, estimates: Estimates) -> pd.DataFrame:
    """Every measure of every model with its interval: a row each."""
    rows = [
        {"model": name, "measure": one.name, "better": one.better, **_spread(value)}
        for name in names if ran.held.get((name, WHOLE))
        for one in MEASURES[estimates.setting.target.kind]
        for value in [estimates.of(one, ran.held[name, WHOLE])]
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["model", "measure", "better", "value", "low", "high"])


def difference_table(
    names: list[str], ran: Ran, estimates: Estimates, first: Measure
) -> pd.DataFrame:
    """Each pair of models on the same patients.

    Returns
    -------
    pandas.DataFrame
        first, second, difference with its bootstrap interval and p, 'p (Holm)' allowing for all
        pairs; 'p (folds)' by Nadeau and Bengio's correction for training patients in common; of
        binary labels DeLong's p, of classes the exact p of McNemar (first repeat); and in words.
    """
    rows = []
    for one, other in combinations([name for name in names if ran.held.get((name, WHOLE))], 2):
        mine, theirs = common(ran.held[one, WHOLE], ran.held[other, WHOLE])
        if not mine:
            continue
        off = estimates.difference(first, mine, theirs)
        share = float(np.mean([len(f.rows) / max(len(f.reference), 1) for f in mine]))
        folds = corrected_t(by_fold(first, mine) - by_fold(first, theirs), share)
        row: dict[str, Any] = {"first": one, "second": other, "measure": first.name,
                               "difference": off.value, "low": off.low, "high": off.high,
                               "p": off.p, "p (Holm)": np.nan, "p (folds)": folds.p}  # fmt: skip
        row |= _tests(estimates.setting, mine, theirs)
        row["said"] = _words(off, first)
        rows.append(row)
    table = pd.DataFrame(rows)
    if len(table):
        table["p (Holm)"] = _holm(table["p"].to_numpy(float))
    return table


def _tests(setting: Setting, mine: list[HeldOut], theirs: list[HeldOut]) -> dict[str, Any]:
    kind = setting.target.kind
    if kind not in ("binary", "multi-class"):
        return {}
    pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if a.repeat == mine[0].repeat]
    truth = np.concatenate([a.target.label for a, _ in pairs])
    said = [np.concatenate([said_class(one) for one in side]) for side in zip(*pairs, strict=True)]
    row: dict[str, Any] = {}
    if (said[0] >= 0).all() and (said[1] >= 0).all():
        test = mcnemar(truth, *said)
        row = {"p (McNemar)": test.p, "classes": str(test)}
    if kind == "binary":
        row["p (DeLong)"] = delong(
            [a.target.label for a, _ in pairs], [a.answers.risk for a, _ in pairs],
            [b.answers.risk for _, b in pairs],
        ).p  # fmt: skip
    return row


def _words(off: Interval, measure: Measure) -> str:
    if not np.isfinite(off.low):
        return "cannot tell"
    if not off.excludes:
        return "not different"
    return "first is better" if (off.value > 0) == (measure.better == "higher") else (
        "second is better"
    )  # fmt: skip


def _holm(p: np.ndarray) -> np.ndarray:
    """Holm 1979."""
    order = np.argsort(p)
    scaled = np.minimum(1.0, p[order] * np.arange(len(p), 0, -1))
    found = np.empty_like(p)
    found[order] = np.maximum.accumulate(scaled)
    return found


def _spread(one: Interval) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}
