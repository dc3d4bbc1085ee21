"""Weights of a ridge Cox regression are scikit-survival's."""

import numpy as np
import pytest

pytest.importorskip("sksurv")
from lifelines.datasets import load_rossi
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.util import Surv

from graphs.models.cox_weights import cox_weights


def test_tied_weeks_of_real_people_and_a_penalty_a_term() -> None:
    table = load_rossi()  # 432 people, 114 arrests in 49 weeks: many ties
    matrix = table.drop(columns=["week", "arrest"]).to_numpy(float)
    time, event = table["week"].to_numpy(float), table["arrest"].to_numpy() == 1
    penalty = np.linspace(0.5, 20, matrix.shape[1])
    peer = CoxPHSurvivalAnalysis(alpha=penalty).fit(matrix, Surv.from_arrays(event, time)).coef_
    np.testing.assert_allclose(cox_weights(matrix, time, event, penalty), peer, atol=1e-6)
    near = cox_weights(matrix, time, event, penalty, peer)
    np.testing.assert_allclose(near, peer, atol=1e-6)


def test_separated_patients_and_nobody_at_all() -> None:
    matrix = np.repeat([[1000.0], [-1000.0]], 20, axis=0)
    time, event = np.arange(1.0, 41), np.ones(40, bool)
    found = cox_weights(matrix, time, event, np.ones(1))
    assert np.isfinite(found).all()
    assert found[0] > 0
    assert cox_weights(matrix, time, np.zeros(40, bool), np.ones(1)).tolist() == [0]
    assert cox_weights(matrix[:, :0], time, event, np.ones(0)).shape == (0,)
