"""Coxnet finds the planted genes, and says the same twice."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sksurv")
pytest.importorskip("safetensors")
from sksurv.metrics import concordance_index_censored

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.coxnet import Coxnet
from graphs.models.load_model import load_model


def planted(count: int = 240, wide: int = 150) -> Examples:
    """Three genes of many set the hazard."""
    rng = np.random.default_rng(0)
    genes = rng.normal(size=(count, wide))
    time = rng.exponential(np.exp(-genes[:, :3].sum(axis=1)))
    censored = rng.exponential(3, count)
    frame = pd.DataFrame(
        genes, index=[f"p{k}" for k in range(count)], columns=[f"g{k}" for k in range(wide)]
    )
    target = Target.survival(np.minimum(time, censored), time < censored, "years")
    return Examples.of_frames({"genes": frame}, target)


def test_planted_genes_are_found(tmp_path: Path) -> None:
    examples = planted()
    model = Coxnet(steps=8).fit(examples.take(np.arange(180)))
    others = examples.take(np.arange(180, 240))
    answers, target = model.predict(others), others.outcome()
    found = concordance_index_censored(target.event > 0, target.time, answers.risk)[0]
    assert found > 0.7
    share = model.explain(others)
    assert set(np.abs(share.weights["genes"]).mean(axis=0).argsort()[-3:]) == {0, 1, 2}
    np.testing.assert_allclose(share.base + share.weights["genes"].sum(axis=1), answers.risk)
    assert model.predict(others.take([5])).risk[0] == answers.risk[5]
    sha256 = model.save(tmp_path / "model")
    assert load_model(tmp_path / "model").sha256 == sha256
    np.testing.assert_array_equal(load_model(tmp_path / "model").predict(others).risk, answers.risk)
    assert Coxnet(steps=8).fit(examples.take(np.arange(180))).sha256 == sha256


def test_features_that_do_not_differ_are_said() -> None:
    frame = pd.DataFrame({"same": np.ones(20)}, index=[f"p{k}" for k in range(20)])
    target = Target.survival(np.arange(1.0, 21), np.ones(20))
    with pytest.raises(ModelError, match="differs"):
        Coxnet().fit(Examples.of_frames({"facts": frame}, target))
