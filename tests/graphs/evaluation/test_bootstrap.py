from __future__ import annotations

import numpy as np
import pytest

from graphs.evaluation.bootstrap import draws, interval


def test_each_draw_has_as_many_of_each_stratum() -> None:
    strata = np.array(["a"] * 7 + ["b"] * 3)
    weight = draws(strata, 50, 1)
    assert (weight[:, :7].sum(1) == 7).all()
    assert (weight[:, 7:].sum(1) == 3).all()
    assert (weight == draws(strata, 50, 1)).all()
    assert not (weight == draws(strata, 50, 2)).all()


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    inside = 0
    for k in range(200):
        values = rng.normal(size=40)
        drawn = draws(np.zeros(40), 300, k) @ values / 40
        one = interval(float(values.mean()), drawn)
        inside += one.low < 0 < one.high
    assert 0.88 < inside / 200 < 0.99


def test_p_is_never_zero_and_too_few_draws_say_nothing() -> None:
    one = interval(1.0, np.linspace(0.5, 1.5, 99))
    assert one.p == pytest.approx(2 / 100)
    assert one.excludes
    few = interval(1.0, np.r_[np.ones(30), np.full(70, np.nan)])
    assert np.isnan(few.low)
    assert not few.excludes
    assert str(interval(float("nan"), np.ones(50))) == "cannot tell"
