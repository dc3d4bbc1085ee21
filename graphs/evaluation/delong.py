"""delong: two AUROCs on the same patients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graphs.evaluation.bootstrap import Interval

Floats = NDArray[np.float64]
_NORMAL = 1.959963984540054  # of 95 %


def delong(
    label: Sequence[Floats], first: Sequence[Floats], second: Sequence[Floats] | None = None
) -> Interval:
    """AUROC, or the difference of two, with a variance in closed form.

    Parameters
    ----------
    label : sequence of ndarray, (patient,)
        A fold each, 1 or 0. Patients are compared within their fold; folds weigh as they have
        pairs.
    first, second : sequence of ndarray, (patient,)
        Risks by one model, and by the other.

    Returns
    -------
    Interval
        Of the first AUROC, with p against .5; or of first minus second, with p against 0.

    Notes
    -----
    DeLong, DeLong and Clarke-Pearson 1988; by ranks as Sun and Xu 2014.
    """
    total, value, variance = 0.0, 0.0, 0.0
    for k, truth in enumerate(label):
        cases, others = int((truth == 1).sum()), int((truth != 1).sum())
        if not cases or not others:
            continue
        ranked = [_placements(one[k], truth == 1) for one in (first, second) if one is not None]
        each_case, each_other = ranked[0]
        if len(ranked) > 1:
            each_case, each_other = each_case - ranked[1][0], each_other - ranked[1][1]
        pairs = cases * others
        total += pairs
        value += pairs * each_case.mean()
        if cases < 2 or others < 2:
            return Interval(float(each_case.mean()), float("nan"), float("nan"))
        variance += pairs**2 * (
            each_case.var(ddof=1) / cases + each_other.var(ddof=1) / others
        )  # fmt: skip
    if not total:
        nan = float("nan")
        return Interval(nan, nan, nan)
    value, wide = value / total, np.sqrt(variance) / total
    against = 0.5 if second is None else 0.0
    return Interval(value, value - _NORMAL * wide, value + _NORMAL * wide,
                    _p(value - against, wide))  # fmt: skip


def _placements(risk: Floats, case: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Of each case the share of others below it, of each other the share of cases above it."""
    from scipy.stats import rankdata

    cases, others = int(case.sum()), int((~case).sum())
    together = rankdata(risk)
    of_case = (together[case] - rankdata(risk[case])) / others
    of_other = 1 - (together[~case] - rankdata(risk[~case])) / cases
    return of_case, of_other


def _p(off: float, wide: float) -> float:
    from scipy.stats import norm

    if wide == 0:
        return 1.0 if off == 0 else 0.0
    return float(2 * norm.sf(abs(off) / wide))
