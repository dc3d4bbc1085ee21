from __future__ import annotations

import math

import numpy as np
import pytest

from graphs.metrics.mean_score import mean_score


def test_what_has_no_value_is_left_out_and_counted() -> None:
    score = mean_score("x", [0.0, 1.0, float("nan")])
    assert (score.value, score.n) == (0.5, 2)
    assert score.problems == ("1 of 3 have no value",)
    assert math.isnan(mean_score("x", [float("nan")]).value)


def test_the_interval_covers_and_is_wider_by_patient() -> None:
    random = np.random.default_rng(3)
    patients = np.repeat(np.arange(20), 10)
    values = random.normal(0, 1, 20)[patients] + random.normal(0, 0.1, 200)
    single, whole = mean_score("x", values), mean_score("x", values, groups=patients)
    assert single.low < single.value < single.high
    assert whole.high - whole.low > 2 * (single.high - single.low)
    assert whole.value == single.value
    assert mean_score("x", values) == single


def test_one_value_has_no_interval() -> None:
    score = mean_score("x", [0.25])
    assert score.low is None
    assert str(score) == "x 0.250 of 1"


def test_html_says_when_a_text_is_padded() -> None:
    score = mean_score("x", [0.25, 0.5], length_ratio=1.7)
    assert score.alarm
    assert "longer than 1.5 times" in score._repr_html_()
    assert score.value == pytest.approx(0.375)
