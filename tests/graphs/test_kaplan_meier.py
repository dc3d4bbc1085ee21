"""Kaplan-Meier against numbers worked out by hand and against lifelines itself."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

from graphs.kaplan_meier import kaplan_meier


def test_ties_and_a_patient_who_is_censored_at_once() -> None:
    # at risk: 6 at 2 (two events, one censored there), 3 at 4 (one event), 1 at 9
    found = kaplan_meier([0, 2, 2, 2, 4, 5, 9], [0, 1, 1, 0, 1, 0, 1])
    (curve,) = found.curves
    by_hand = {0: 1.0, 1.9: 1.0, 2: 4 / 6, 4: 4 / 6 * 2 / 3, 8.9: 4 / 9, 9: 0.0}
    for time, expected in by_hand.items():
        assert curve.at(time) == pytest.approx(expected)
    assert curve.at_risk([0, 0.1, 2, 2.1, 9, 10]).tolist() == [7, 6, 6, 3, 1, 0]
    assert (curve.n, curve.events, curve.median) == (7, 4, 4.0)
    assert curve.censored.tolist() == [0, 2, 5]
    assert found.p is None
    assert "one group" in found.no_test
    # Greenwood: sum of d / (n (n - d)) at 2; the log-log interval of .6667
    variance = 2 / (6 * 4)
    wide = 1.959964 * np.sqrt(variance) / abs(np.log(4 / 6))
    place = curve.times.tolist().index(2)
    assert curve.lower[place] == pytest.approx((4 / 6) ** np.exp(wide), abs=1e-6)
    assert curve.upper[place] == pytest.approx((4 / 6) ** np.exp(-wide), abs=1e-6)


def test_log_rank_by_hand() -> None:
    # A: events at 1 and 3; B: event at 2, censored at 4
    found = kaplan_meier([1, 3, 2, 4], [1, 1, 1, 0], ["A", "A", "B", "B"])
    expected = 2 / 4 + 1 / 3 + 1 / 2
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert found.statistic == pytest.approx((2 - expected) ** 2 / variance)
    assert found.test == f"log-rank p = {found.p:.4f}".replace("0.", ".") + (
        f" (chi-squared {found.statistic:.2f}, 1 df)"
    )


def test_an_empty_group_is_told_and_no_test_is_made_up() -> None:
    found = kaplan_meier([1, 2], [1, 0], ["a", "a"], ["a", "b"])
    assert found.empty == ("b",)
    assert found.p is None
    nobody = kaplan_meier([], [], [], ["a", "b"])
    assert (nobody.n, nobody.curves, nobody.empty) == (0, (), ("a", "b"))
    calm = kaplan_meier([1, 2, 3], [0, 0, 0], ["a", "b", "b"])
    assert "nothing happened" in calm.no_test
    with pytest.raises(ValueError, match="0 or more"):
        kaplan_meier([-1.0], [1])


def test_equal_to_lifelines() -> None:
    rng = np.random.default_rng(5)
    times = rng.integers(0, 40, 200).astype(float)
    events, groups = rng.random(200) < 0.6, rng.choice(["x", "y"], 200)
    found = kaplan_meier(times, events, groups.tolist())
    for curve in found.curves:
        mine = groups == curve.label
        theirs = KaplanMeierFitter().fit(times[mine], events[mine])
        assert np.array_equal(curve.survival, theirs.survival_function_.to_numpy()[:, 0])
        assert curve.median == theirs.median_survival_time_
        risk = theirs.event_table.at_risk
        assert curve.at_risk(risk.index).tolist() == risk.tolist()
    pair = [groups == "x", groups == "y"]
    test = logrank_test(times[pair[0]], times[pair[1]], events[pair[0]], events[pair[1]])
    assert found.p == pytest.approx(test.p_value)
