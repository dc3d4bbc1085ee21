from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graphs.evaluation.calibration import calibration
from graphs.evaluation.decision_curve import decision_curve
from graphs.evaluation.held_out import HeldOut
from graphs.examples.target import Target
from graphs.models.answers import Answers

N = 1200
KNOTS = np.linspace(0, 6, 61)


def timed(scale: float = 1.0, shift: float = 0.0) -> HeldOut:
    """Predictions that are right, or whose log hazard is too wide or too high."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=N)
    event_at, lost_at = rng.exponential(np.exp(-x)), rng.exponential(3, N)
    target = Target.survival(np.minimum(event_at, lost_at), event_at <= lost_at, "years")
    risk = scale * x + shift
    answers = Answers("survival", risk, KNOTS, np.exp(-np.exp(risk)[:, None] * KNOTS))
    return HeldOut(np.arange(N), target, answers, target, np.array([0.5, 1.0]), 1.0)


def labelled() -> HeldOut:
    rng = np.random.default_rng(6)
    p = rng.beta(2, 3, N)
    target = Target.labelled("binary", (rng.random(N) < p).astype(float))
    answers = Answers("binary", np.log(p / (1 - p)), np.zeros(0), probability=np.c_[1 - p, p])
    return HeldOut(np.arange(N), target, answers, target, np.zeros(0), float("nan"))


def test_right_probabilities_are_found_right() -> None:
    for held in (timed(), labelled()):
        found = calibration([held])
        assert found is not None
        assert found.slope.low < 1 < found.slope.high
        assert found.large.low < 1 < found.large.high
        assert found.ici < 0.04
        table = found.groups
        assert table["patients"].tolist() == [N / 5] * 5
        assert ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).all()
        inside = (table["low"] <= table["predicted"]) & (table["predicted"] <= table["high"])
        assert inside.sum() >= 4


def test_too_wide_and_too_high_is_told() -> None:
    wide = calibration([timed(scale=2.0)])
    high = calibration([timed(shift=1.0)])
    assert wide is not None
    assert high is not None
    assert wide.slope.value == pytest.approx(0.5, abs=0.08)
    assert wide.slope.p < 0.01
    assert high.slope.value == pytest.approx(1.0, abs=0.15)
    assert high.large.high < 1
    assert high.ici > 0.1


def test_of_competing_risks_shares_are_incidences() -> None:
    held = timed()
    rng = np.random.default_rng(0)
    causes = np.where((held.target.event == 1) & (rng.random(N) < 0.5), 2, held.target.event)
    target = Target.survival(held.target.time, causes, "years")
    hazard = np.exp(held.answers.risk)[:, None]
    one = (1 - np.exp(-hazard * KNOTS)) / 2
    answers = Answers(target.kind, held.answers.risk, KNOTS, incidence=np.stack([one, one], 1))
    found = calibration([replace(held, target=target, answers=answers, reference=target)])
    assert found is not None
    assert found.large.low < 1 < found.large.high


def test_no_probability_no_calibration() -> None:
    held = timed()
    bare = replace(held, answers=Answers("survival", held.answers.risk, np.zeros(0)))
    assert calibration([bare]) is None
    assert not len(decision_curve([bare]))


def test_net_benefit_by_hand() -> None:
    # flagged at .5: two with the label, one without, of five
    p = np.array([0.9, 0.8, 0.6, 0.2, 0.1])
    target = Target.labelled("binary", [1.0, 1, 0, 1, 0])
    held = HeldOut(np.arange(5), target,
                   Answers("binary", p, np.zeros(0), probability=np.c_[1 - p, p]),
                   target, np.zeros(0), float("nan"))  # fmt: skip
    row = decision_curve([held], [0.5]).iloc[0]
    assert row["model"] == pytest.approx((2 - 1) / 5)
    assert row["all"] == pytest.approx((3 - 2) / 5)
    low = decision_curve([held], [0.25]).iloc[0]
    assert low["model"] == pytest.approx(2 / 5 - 1 / 5 / 3)


def test_net_benefit_of_times_counts_the_censored_by_kaplan_meier() -> None:
    held = timed()
    row = decision_curve([held], [0.01]).iloc[0]
    from graphs.kaplan_meier import kaplan_meier

    (curve,) = kaplan_meier(held.target.time, held.target.event == 1).curves
    hit = 1 - curve.at(1.0)
    assert row["all"] == pytest.approx(hit - (1 - hit) / 99)
