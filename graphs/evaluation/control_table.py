"""control_table: what must stand beside a result: each modality taken away, dealt anew, ..."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.evaluation.bootstrap import Interval, interval
from graphs.evaluation.estimates import Estimates, among, common
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.measures import Measure
from graphs.evaluation.run_folds import PERMUTED, WHOLE, Ran
from graphs.models.answers import Answers

Floats = NDArray[np.float64]
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_ORDERS, _CURVE_DRAWS = 3, 200
_HEAD = ["model", "control", "modality", "measure", "value", "low", "high", "change",
         "change low", "change high", "among holders", "holders", "said"]  # fmt: skip


def control_table(names: list[str], ran: Ran, estimates: Estimates, first: Measure) -> pd.DataFrame:
    """A row for each control.

    Parameters
    ----------
    names : list of str
    ran : Ran
    estimates : Estimates
    first : Measure

    Returns
    -------
    pandas.DataFrame
        control: 'alone' (fitted on one modality), 'shuffled' (of the test patients, among those
        who have it), 'without' (hidden at test time), 'permuted outcome' (fitted on outcomes that
        were dealt anew). value, low, high; change against the model as it is, paired; 'among
        holders': the value among those who have the modality; and in words.
    """
    rows = []
    for name in names:
        whole = ran.held.get((name, WHOLE), [])
        for modality in estimates.setting.examples.modalities:
            for control in ("alone", "shuffled", "without"):
                draws = _draws_of(name, f"{control}: {modality}", ran)
                if draws and whole:
                    rows.append(_row(name, control, modality, draws, whole, estimates, first))
        permuted = _draws_of(name, PERMUTED, ran)
        if permuted:
            rows.append(_permuted(name, permuted, estimates, first))
    return pd.DataFrame(rows, columns=_HEAD)


def _draws_of(model: str, start: str, ran: Ran) -> list[list[HeldOut]]:
    return [
        held for (name, variation), held in ran.held.items()
        if name == model and (variation == start or variation.startswith(f"{start} #"))
    ]  # fmt: skip


def _mean(estimates: Estimates, measure: Measure, draws: Sequence[Sequence[HeldOut]]) -> Floats:
    found: Floats = np.mean([estimates.drawn(measure, one) for one in draws], axis=0)
    return found


def _row(
    name: str, control: str, modality: str, draws: list[list[HeldOut]], whole: list[HeldOut],
    estimates: Estimates, first: Measure,
) -> dict[str, Any]:  # fmt: skip
    values = _mean(estimates, first, draws)
    value = interval(float(values[0]), values[1:], first.chance)
    folds = [common(one, whole) for one in draws]
    off = _mean(estimates, first, [mine for mine, _ in folds]) - _mean(
        estimates, first, [theirs for _, theirs in folds]
    )
    change = interval(float(off[0]), off[1:])
    holders = estimates.setting.examples.blocks[modality].present
    inside = [held for held in (among(one, holders) for one in draws) if held]
    some = [estimates.drawn(first, one, most=0)[0] for one in inside]
    return {
        "model": name, "control": control, "modality": modality, "measure": first.name,
        "value": value.value, "low": value.low, "high": value.high, "change": change.value,
        "change low": change.low, "change high": change.high,
        "among holders": float(np.mean(some)) if some else np.nan, "holders": int(holders.sum()),
        "said": _said(control, modality, change, first),
    }  # fmt: skip


def _said(control: str, modality: str, change: Interval, first: Measure) -> str:
    done = {"alone": "fitted alone", "shuffled": "dealt anew", "without": "hidden"}[control]
    if not np.isfinite(change.low):
        return "cannot tell"
    if not change.excludes:
        return f"{modality} {done}: not distinguishable from all of them"
    worse = (change.value < 0) == (first.better == "higher")
    return f"{modality} {done}: {'worse' if worse else 'better'} than all of them"


def _permuted(
    name: str, draws: list[list[HeldOut]], estimates: Estimates, first: Measure
) -> dict[str, Any]:
    """The draws are fits of their own: their spread, by Student's t, is the interval."""
    from scipy.stats import t

    values = np.array([estimates.drawn(first, one, most=0)[0] for one in draws], float)
    values = values[np.isfinite(values)]
    mean = float(values.mean()) if len(values) else np.nan
    reach = np.nan
    if len(values) > 1:
        reach = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    chance = first.chance
    said = f"{len(values)} draws"
    if np.isfinite(chance) and np.isfinite(reach):
        inside = mean - reach <= chance <= mean + reach
        said += f": {'covers' if inside else 'does not cover'} chance ({chance:g})"
    nothing = dict.fromkeys(("change", "change low", "change high", "among holders"), np.nan)
    return {"model": name, "control": "permuted outcome", "modality": "", "measure": first.name,
            "value": mean, "low": mean - reach, "high": mean + reach, **nothing,
            "holders": len(estimates.setting.examples), "said": said}  # fmt: skip


def missing_table(names: list[str], ran: Ran, estimates: Estimates, first: Measure) -> pd.DataFrame:
    """The measure as a growing share of patients lose a modality.

    Returns
    -------
    pandas.DataFrame
        model, modality, share (of those who have it), value, low, high: the mean over three
        orders in which patients lose it; intervals by 200 draws of patients.

    Notes
    -----
    What a model says of a patient does not depend on the others, so that answers with and without
    the modality are put together, and nothing is predicted again.
    """
    setting = estimates.setting
    rows = []
    for name in names:
        for modality in setting.examples.modalities:
            whole, hidden = common(ran.held.get((name, WHOLE), []),
                                   ran.held.get((name, f"without: {modality}"), []))  # fmt: skip
            if not whole:
                continue
            holders = np.flatnonzero(setting.examples.blocks[modality].present)
            for share in _SHARES:
                draws = []
                for k in range(_ORDERS if 0 < share < 1 else 1):
                    rng = np.random.default_rng([setting.seed, k, 0x1057])
                    lost = np.zeros(len(setting.examples), bool)
                    lost[rng.permutation(holders)[: round(share * len(holders))]] = True
                    mixed = [_mixed(a, b, lost) for a, b in zip(whole, hidden, strict=True)]
                    draws.append(estimates.drawn(first, mixed, most=_CURVE_DRAWS))
                values = np.mean(draws, axis=0)
                one = interval(float(values[0]), values[1:], first.chance)
                rows.append([name, modality, share, one.value, one.low, one.high])
    return pd.DataFrame(rows, columns=["model", "modality", "share", "value", "low", "high"])


def _mixed(whole: HeldOut, hidden: HeldOut, lost: NDArray[np.bool_]) -> HeldOut:
    chosen = lost[whole.rows]
    one, other = whole.answers, hidden.answers

    def mix(first: Floats | None, second: Floats | None) -> Floats | None:
        if first is None or second is None:
            return None
        mask = chosen.reshape(-1, *[1] * (first.ndim - 1))
        return np.where(mask, second, first)

    risk = np.where(chosen, other.risk, one.risk)
    answers = Answers(
        one.kind, risk, one.times, mix(one.survival, other.survival),
        mix(one.incidence, other.incidence), mix(one.probability, other.probability),
    )  # fmt: skip
    return replace(whole, answers=answers)
