"""kaplan_meier: survival by groups, with intervals, numbers at risk and a log-rank test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """The product-limit estimate of one group.

    Attributes
    ----------
    label : str
        Of the group (hostile text).
    n, events : int
        Patients, and those to whom it happened.
    times : ndarray, (step,)
        From 0; the estimate holds from each time on, up to the next.
    survival, lower, upper : ndarray, (step,)
        Estimate with its 95 % interval (log-log of Greenwood's variance); from 1 down to 0.
    censored : ndarray, (censored,)
        Times at which somebody was censored.
    median : float
        Time at which the estimate is .5 or less; inf where it stays above.
    spent : ndarray, (patient,)
        Every patient's time.
    """

    label: str
    n: int
    events: int
    times: Floats
    survival: Floats
    lower: Floats
    upper: Floats
    censored: Floats
    median: float
    spent: Floats

    def at_risk(self, times: ArrayLike) -> NDArray[np.int64]:
        """Patients who are followed up to each time at least."""
        asked = np.asarray(times, float)
        found: NDArray[np.int64] = len(self.spent) - np.searchsorted(self.spent, asked, "left")
        return found

    def at(self, time: float) -> float:
        """The estimate at a time."""
        return float(self.survival[np.searchsorted(self.times, time, side="right") - 1])


@dataclass(frozen=True, eq=False)
class Survival:
    """Curves of all groups, and whether they differ.

    Attributes
    ----------
    curves : tuple of Curve
        Of the groups that have patients.
    empty : tuple of str
        Groups that have none.
    p : float or None
        Of the log-rank test over all groups; None where there is nothing to test.
    statistic : float or None
        Its chi-squared value, with one degree of freedom less than groups.
    no_test : str
        Why there is no test; empty where there is one.
    """

    curves: tuple[Curve, ...]
    empty: tuple[str, ...]
    p: float | None
    statistic: float | None
    no_test: str

    @property
    def n(self) -> int:
        """All patients."""
        return sum(one.n for one in self.curves)

    @property
    def events(self) -> int:
        """All events."""
        return sum(one.events for one in self.curves)

    @property
    def test(self) -> str:
        """The test in words."""
        if self.p is None:
            return f"no log-rank test: {self.no_test}"
        p = "p < .0001" if self.p < 0.0001 else f"p = {self.p:.4f}".replace("0.", ".")
        return f"log-rank {p} (chi-squared {self.statistic:.2f}, {len(self.curves) - 1} df)"


def kaplan_meier(
    times: ArrayLike,
    events: ArrayLike,
    groups: Sequence[str] | None = None,
    order: Sequence[str] | None = None,
) -> Survival:
    """Estimate survival, group by group (Kaplan and Meier 1958), by lifelines.

    Parameters
    ----------
    times : array-like of float, (patient,)
        Follow-up, 0 or more, all in one unit.
    events : array-like of bool, (patient,)
        Whether it happened at that time; else censored.
    groups : sequence of str, optional
        Of each patient; one group by default.
    order : sequence of str, optional
        Groups as they are shown; one that nobody is in is told as empty.

    Returns
    -------
    Survival

    Raises
    ------
    ValueError
        A time is below 0 or no number, or the lengths differ.
    """
    from lifelines import KaplanMeierFitter

    spent, happened = np.asarray(times, float), np.asarray(events, bool)
    if spent.shape != happened.shape or spent.ndim != 1:
        raise ValueError("times and events must have the same length")
    if len(spent) and not (np.isfinite(spent) & (spent >= 0)).all():
        raise ValueError("times must be numbers of 0 or more")
    named = np.array(["all"] * len(spent) if groups is None else list(groups), dtype=object)
    if len(named) != len(spent):
        raise ValueError("groups must have the length of times")
    wanted = list(dict.fromkeys([*(order or sorted(set(named.tolist()))), *named.tolist()]))
    curves, empty = [], []
    for label in wanted:
        mine = named == label
        if not mine.any():
            empty.append(label)
            continue
        fitted = KaplanMeierFitter(alpha=0.05).fit(spent[mine], happened[mine])
        table = fitted.survival_function_
        between = fitted.confidence_interval_survival_function_.to_numpy(float)
        curves.append(
            Curve(
                label, int(mine.sum()), int(happened[mine].sum()), table.index.to_numpy(float),
                table.to_numpy(float)[:, 0], between[:, 0], between[:, 1],
                np.sort(spent[mine & ~happened]), float(fitted.median_survival_time_),
                np.sort(spent[mine]),
            )
        )  # fmt: skip
    p, statistic, why = _logrank(spent, happened, named, curves)
    return Survival(tuple(curves), tuple(empty), p, statistic, why)


def _logrank(
    spent: Floats, happened: NDArray[np.bool_], named: NDArray[np.object_], curves: list[Curve]
) -> tuple[float | None, float | None, str]:
    if len(curves) < 2:
        return None, None, "there is one group" if curves else "there is nobody"
    if not happened.any():
        return None, None, "nothing happened to anybody"
    from lifelines.statistics import multivariate_logrank_test

    result = multivariate_logrank_test(spent, named.astype(str), happened)
    if not np.isfinite(result.p_value):
        return None, None, "no event has patients of two groups at risk"
    return float(result.p_value), float(result.test_statistic), ""
