from __future__ import annotations

import numpy as np
import pytest

from graphs.evaluation.step_curve import StepCurve

# events at 1 and 3, of cause 2 at 2; censored at 2 and 4
TIME, EVENT = [1, 2, 2, 3, 4], [1, 2, 0, 1, 0]


def test_estimates_by_hand() -> None:
    assert StepCurve.survival(TIME, EVENT).at([0, 1, 2.5, 3, 9]) == pytest.approx(
        [1, 0.8, 0.6, 0.3, 0.3]
    )
    # at 2 the event comes first: of 3 left, one is censored; at 4 the last one
    assert StepCurve.censoring(TIME, EVENT).at([1, 2, 3, 4]) == pytest.approx([1, 2 / 3, 2 / 3, 0])
    assert StepCurve.incidence(TIME, EVENT).at([1, 2, 3]) == pytest.approx([0.2, 0.2, 0.5])
    assert StepCurve.incidence(TIME, EVENT, 2).at([1, 2, 3]) == pytest.approx([0, 0.2, 0.2])


def test_causes_and_survival_add_up_to_one() -> None:
    rng = np.random.default_rng(0)
    time, event = rng.integers(1, 30, 200), rng.integers(0, 3, 200)
    at = np.arange(31)
    total = sum(StepCurve.incidence(time, event, k).at(at) for k in (1, 2))
    assert total + StepCurve.survival(time, event).at(at) == pytest.approx(np.ones(31))
    known = pytest.importorskip("sksurv.nonparametric")
    times, curve = known.cumulative_incidence_competing_risks(event, time)
    assert StepCurve.incidence(time, event).at(times) == pytest.approx(curve[1])
