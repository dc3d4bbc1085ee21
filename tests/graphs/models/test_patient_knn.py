"""A patient is told by the training patients who are most like him, and by nobody else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")
pytest.importorskip("lightning")

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.load_model import load_model
from graphs.models.models import make_model
from graphs.models.patient_knn import PatientKnn

SMALL = {"epochs": 12, "members": 1, "hidden": 16}


def cohort(count: int = 120, seed: int = 0, missing: float = 0.2) -> Examples:
    """Patients whose risk is in both tables; some lack the second."""
    rng = np.random.default_rng(seed)
    keys = [f"p{seed}-{k}" for k in range(count)]
    factor = rng.normal(size=(count, 3))
    genes = factor @ rng.normal(size=(3, 60)) + rng.normal(size=(count, 60))
    clinical = pd.DataFrame(
        {"age": 60 + 10 * factor[:, 0] + rng.normal(size=count),
         "stage": np.where(factor[:, 1] > 0, "III", "I")}, index=keys,
    )  # fmt: skip
    frame = pd.DataFrame(genes, index=keys, columns=[f"g{k}" for k in range(60)])
    risk = factor[:, 0] + factor[:, 1]
    time = rng.exponential(np.exp(-risk)) + 0.01
    target = Target.survival(time, rng.random(count) < 0.7, "months")
    made = Examples.of_frames({"clinical": clinical, "genes": frame}, target)
    return made.hide("genes", rng.random(count) < missing)


@pytest.fixture(scope="module")
def fitted() -> tuple[PatientKnn, Examples]:
    train = cohort()
    return PatientKnn(depth=2, **SMALL).fit(train), cohort(40, 1)


def test_it_orders_patients_of_another_cohort(fitted: tuple[PatientKnn, Examples]) -> None:
    pytest.importorskip("sksurv")
    from sksurv.metrics import concordance_index_censored

    model, other = fitted
    target = other.outcome()
    answers = model.predict(other)
    found = concordance_index_censored(target.event > 0, target.time, answers.risk)[0]
    assert found > 0.65
    assert answers.survival is not None
    assert (np.diff(answers.survival, axis=1) <= 1e-12).all()


def test_nobody_else_in_the_batch_matters(fitted: tuple[PatientKnn, Examples]) -> None:
    model, other = fitted
    whole = model.predict(other).risk
    alone = np.concatenate([model.predict(other.take([k])).risk for k in range(len(other))])
    assert np.abs(whole - alone).max() < 1e-5
    # another's missing modality, the order, and the same patient's twin under another key
    hidden = model.predict(other.hide("genes", np.arange(len(other)) > 0)).risk
    assert abs(hidden[0] - whole[0]) < 1e-5
    turned = model.predict(other.take(np.arange(len(other))[::-1])).risk
    assert np.abs(turned[::-1] - whole).max() < 1e-5


def test_transductive_answers_do_depend_on_the_others() -> None:
    model = PatientKnn(transductive=True, **SMALL).fit(cohort())
    other = cohort(40, 1)
    whole = model.predict(other).risk
    alone = np.concatenate([model.predict(other.take([k])).risk for k in range(5)])
    assert np.abs(whole[:5] - alone).max() > 1e-4


def test_whoever_lacks_a_modality_is_answered(fitted: tuple[PatientKnn, Examples]) -> None:
    model, other = fitted
    for examples in (other.hide("genes"), other.hide("clinical"), other.only(["clinical"])):
        assert np.isfinite(model.predict(examples).risk).all()
    nothing = other.hide("genes").hide("clinical")
    assert not len(model.neighbours(nothing))
    assert np.ptp(model.predict(nothing).risk) < 1e-6


def test_neighbours_are_training_patients_and_named_to_those_who_have_them(
    fitted: tuple[PatientKnn, Examples],
) -> None:
    model, other = fitted
    train = cohort()
    unnamed = model.neighbours(other)
    assert set(unnamed["key"]) == {""}
    assert unnamed.groupby("patient")["similarity"].apply(lambda s: s.is_monotonic_decreasing).all()
    named = model.neighbours(train, train.keys)
    assert (named["key"] == np.array(train.keys)[named["reference"]]).all()
    assert (named["key"] != named["patient"]).all()
    text = str(model.state()[0])
    assert not any(key in text for key in train.keys)


def test_shares_of_features_and_neighbours_add_up(fitted: tuple[PatientKnn, Examples]) -> None:
    pytest.importorskip("captum")
    model, other = fitted
    some = other.take(np.arange(6))
    told = model.explain(some)
    assert told.weights["genes"].shape == (6, 60)
    assert len(told.weights["neighbours"]) == len(model.neighbours(some))
    assert set(told.addresses["neighbours"]) == {""}
    sums = sum(told.by_modality({}, 6).values())
    assert np.abs(told.base + sums - model.predict(some).risk).max() < 0.02
    lacking = ~some.blocks["genes"].present
    assert lacking.any()
    assert not told.weights["genes"][lacking].any()


def test_it_is_the_same_after_saving_and_of_the_same_seed(
    fitted: tuple[PatientKnn, Examples], tmp_path: Path
) -> None:
    model, other = fitted
    sha256 = model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert isinstance(again, PatientKnn)
    assert again.sha256 == sha256
    assert np.abs(again.predict(other).risk - model.predict(other).risk).max() < 1e-6
    assert PatientKnn(depth=2, **SMALL).fit(cohort()).sha256 == sha256


@pytest.mark.parametrize("kind", ["binary", "multi-class", "regression", "competing risks"])
def test_other_outcomes(kind: str) -> None:
    train = cohort(60)
    age = train.vectors("clinical").frame["age"].to_numpy(float)
    if kind == "competing risks":
        old = train.outcome()
        event = np.where(old.event > 0, 1 + (age > 60), 0)
        target = Target.survival(old.time, event, "months")
    else:
        label = {"binary": age > 60, "multi-class": np.digitize(age, [55, 65]), "regression": age}
        target = Target.labelled(kind, label[kind])
    answers = make_model("patient-knn", **SMALL).fit(train.with_target(target)).predict(train)
    assert answers.kind == kind
    if kind == "competing risks":
        assert answers.incidence is not None
        assert answers.survival is not None
        assert np.allclose(answers.incidence.sum(axis=1) + answers.survival, 1)
        return
    assert np.corrcoef(answers.risk, age)[0, 1] > 0.3


def test_likeness_by_what_is_not_there_is_refused() -> None:
    with pytest.raises(ModelError, match="Likeness by"):
        PatientKnn(similar_by=["slides"], **SMALL).fit(cohort(40))
