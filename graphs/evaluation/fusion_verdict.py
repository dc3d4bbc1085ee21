"""FusionVerdict: whether several modalities together are better than the best one alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphs.evaluation.bootstrap import Interval
from graphs.evaluation.estimates import Estimates, patients_of
from graphs.evaluation.measures import Measure
from graphs.evaluation.run_folds import WHOLE, Ran
from graphs.evaluation.setting import Setting

BETTER, WORSE, EVEN, UNKNOWN = "better", "worse", "not distinguishable", "cannot tell"


@dataclass(frozen=True)
class FusionVerdict:
    """One model.

    Attributes
    ----------
    model : str
    said : {'better', 'worse', 'not distinguishable', 'cannot tell'}
    best : str
        The modality that is best alone.
    fusion, single, difference : Interval
        Of all modalities, of the best one, and the paired difference.
    inferior : bool or None
        Whether the difference's interval reaches below the margin; None without a margin.
    words : str
        All of it in a sentence.
    """

    model: str
    said: str
    best: str
    fusion: Interval
    single: Interval
    difference: Interval
    inferior: bool | None
    words: str


def fusion_verdict(
    model: str, ran: Ran, estimates: Estimates, measure: Measure, margin: float | None
) -> FusionVerdict:
    """Judge one model by the interval of a paired difference.

    Parameters
    ----------
    model : str
    ran : Ran
    estimates : Estimates
    measure : Measure
    margin : float or None
        Of non-inferiority, in the measure's unit, above 0.

    Returns
    -------
    FusionVerdict

    Notes
    -----
    Which modality is best alone is seen on the same patients: that favours it, and never fusion.
    """
    setting = estimates.setting
    sign = 1.0 if measure.better == "higher" else -1.0
    whole = ran.held.get((model, WHOLE), [])
    nan = float("nan")
    none = Interval(nan, nan, nan)
    alone = {
        name: estimates.of(measure, ran.held[model, f"alone: {name}"])
        for name in setting.examples.modalities if ran.held.get((model, f"alone: {name}"))
    }  # fmt: skip
    alone = {name: one for name, one in alone.items() if np.isfinite(one.value)}
    if not whole or not alone:
        why = _why_not(model, ran, setting)
        return FusionVerdict(model, UNKNOWN, "", none, none, none, None,
                             f"{model}: cannot tell whether fusion is better: {why}.")  # fmt: skip
    best = max(alone, key=lambda name: sign * alone[name].value)
    off = estimates.difference(measure, whole, ran.held[model, f"alone: {best}"])
    fusion = estimates.of(measure, whole)
    said = _said(off, sign)
    inferior = None
    if margin is not None:
        inferior = not min(sign * off.low, sign * off.high) > -margin
    words = (
        f"{model}: {' + '.join(setting.examples.modalities)} ({measure.name} {fusion}) is "
        f"{_phrase(said)} {best} alone ({alone[best]}); paired difference {off.value:+.3f} "
        f"[{off.low:+.3f}, {off.high:+.3f}]{_p(off.p)}"
    )
    if said == UNKNOWN:  # no draw of the patients can be measured
        words = (
            f"{model}: cannot tell whether fusion is better than {best} alone: too few patients "
            f"for an interval ({measure.name} {fusion.value:.3f} against {alone[best].value:.3f})"
        )
    if inferior is not None:
        words += f"; {'not shown to be not inferior' if inferior else 'not inferior'} at the "
        words += f"margin {margin:g}"
    return FusionVerdict(model, said, best, fusion, alone[best], off, inferior,
                         f"{words}; {counted(setting, patients_of(whole))}.")  # fmt: skip


def counted(setting: Setting, rows: np.ndarray) -> str:
    """'500 patients, 210 events'."""
    target = setting.target.take(rows)
    words = f"{len(rows)} patients"
    if target.timed:
        return f"{words}, {int((target.event == 1).sum())} events"
    if target.kind == "binary":
        return f"{words}, {int((target.label == 1).sum())} with the label"
    return words


def _said(off: Interval, sign: float) -> str:
    if not np.isfinite(off.low):
        return UNKNOWN
    if off.excludes:
        return BETTER if sign * off.value > 0 else WORSE
    return EVEN


def _phrase(said: str) -> str:
    return {BETTER: "better than", WORSE: "worse than"}.get(said, "not distinguishable from")


def _p(p: float) -> str:
    if not np.isfinite(p):
        return ""
    return ", p < .01" if p < 0.01 else f", p = {p:.2f}".replace("0.", ".", 1)


def _why_not(model: str, ran: Ran, setting: Setting) -> str:
    if len(setting.examples.modalities) < 2:
        return "there is one modality"
    told = [text for (name, _), texts in ran.problems.items() if name == model for text in texts]
    if told:
        return told[0]
    return "no modality was tried alone" if not ran.left else "it was stopped before"
