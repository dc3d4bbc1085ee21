"""Linear models of labels: real tables of scikit-learn."""

from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets
from sklearn.metrics import roc_auc_score
from sklearn.utils import Bunch

from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.linear import Linear
from graphs.models.load_model import load_model

pytest.importorskip("safetensors")


def examples(bunch: Bunch, kind: str) -> Examples:
    """Every third patient of a table to try on, by position."""
    frame = bunch["data"].set_axis([f"p{k}" for k in range(len(bunch["data"]))], axis=0)
    classes = tuple(map(str, bunch.get("target_names", ()))) if kind == "multi-class" else ()
    return Examples.of_frames({"facts": frame}, Target.labelled(kind, bunch["target"], classes))


def halves(whole: Examples) -> tuple[Examples, Examples]:
    third = np.arange(len(whole)) % 3 == 0
    return whole.take(~third), whole.take(third)


def test_benign_or_malignant(tmp_path: Path) -> None:
    train, others = halves(examples(datasets.load_breast_cancer(as_frame=True), "binary"))
    model = Linear().fit(train)
    answers = model.predict(others)
    assert roc_auc_score(others.outcome().label, answers.risk) > 0.98
    assert answers.probability is not None
    np.testing.assert_allclose(answers.probability[:, 1], 1 / (1 + np.exp(-answers.risk)))
    share = model.explain(others)
    np.testing.assert_allclose(
        share.base + share.weights["facts"].sum(axis=1), answers.risk, atol=1e-9
    )
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(load_model(tmp_path / "model").predict(others).risk, answers.risk)


def test_several_classes_one_of_them_not_seen() -> None:
    train, others = halves(examples(datasets.load_wine(as_frame=True), "multi-class"))
    model = Linear().fit(train)
    likely = model.predict(others).probability
    assert likely is not None
    assert (likely.argmax(axis=1) == others.outcome().label).mean() > 0.95
    share = model.explain(others).weights["facts"]
    step = 1e-4
    moved = others.vectors("facts").frame.copy()
    spread = train.vectors("facts").frame["alcohol"].std(ddof=0)
    moved["alcohol"] += step * spread
    later = model.predict(Examples.of_frames({"facts": moved})).risk
    slope = (later - model.predict(others).risk) / step
    scaled = (others.vectors("facts").frame["alcohol"]
              - train.vectors("facts").frame["alcohol"].mean()) / spread  # fmt: skip
    np.testing.assert_allclose(share[:, 0], slope * scaled, atol=0.05)
    two = Linear().fit(train.take(train.outcome().label > 0)).predict(others).probability
    assert two is not None
    assert two.shape == likely.shape
    assert two[:, 0].max() < 1e-6


def test_a_value() -> None:
    train, others = halves(examples(datasets.load_diabetes(as_frame=True), "regression"))
    model = Linear().fit(train)
    risk = model.predict(others).risk
    truth = others.outcome().label
    assert 1 - ((risk - truth) ** 2).mean() / truth.var() > 0.4
    assert model.predict(others.take([7])).risk[0] == risk[7]
