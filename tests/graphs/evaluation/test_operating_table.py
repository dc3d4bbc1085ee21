from __future__ import annotations

import numpy as np
import pytest

from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.operating_table import threshold
from graphs.examples.target import Target
from graphs.models.answers import Answers


def held(p: list[float], label: list[float]) -> HeldOut:
    chance = np.array(p)
    target = Target.labelled("binary", label)
    answers = Answers("binary", chance, np.zeros(0), probability=np.c_[1 - chance, chance])
    return HeldOut(np.arange(len(p)), target, answers, target, np.zeros(0), float("nan"))


def test_the_highest_threshold_that_reaches_the_sensitivity() -> None:
    some = held([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0])
    assert threshold(some, ("sensitivity", 0.95)) == 0.6
    assert threshold(some, ("sensitivity", 0.6)) == 0.7
    # of two without the label one is below .6, both are below what is above .8
    assert threshold(some, ("specificity", 0.5)) == 0.6
    assert threshold(some, ("specificity", 0.95)) == 0.9
    # nobody can be flagged where the highest is without the label
    assert threshold(held([0.9, 0.1], [0, 1]), ("specificity", 0.95)) > 0.9
    assert np.isnan(threshold(held([0.9, 0.1], [0, 0]), ("sensitivity", 0.95)))


def test_who_is_censored_before_the_horizon_weighs_nothing() -> None:
    target = Target.survival([1, 2, 3, 4], [1, 0, 1, 0])
    some = HeldOut(np.arange(4), target, Answers("survival", np.arange(4.0), np.zeros(0)),
                   target, np.zeros(0), 2.5)  # fmt: skip
    truth, weight = some.truth()
    assert truth.tolist() == [1, 0, 0, 0]
    # one of three was censored at 2: the two who are left stand for three
    assert weight == pytest.approx([1, 0, 1.5, 1.5])
