"""The stack: nested, of any subset, with a weighting a set of modalities."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pandas as pd
import pytest

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.load_model import load_model
from graphs.models.ridge_cox import RidgeCox
from graphs.models.stack import Stack

pytest.importorskip("sksurv")
pytest.importorskip("safetensors")
from lifelines.datasets import load_gbsg2
from sklearn.metrics import roc_auc_score
from sksurv.metrics import concordance_index_censored

QUICK = {"bases": {"ridge-cox": {"narrow": 3.0, "wide": 100.0}, "linear": {"narrow": 3.0}}}


def concordance(examples: Examples, risk: np.ndarray) -> float:
    target = examples.outcome()
    return float(concordance_index_censored(target.event > 0, target.time, risk)[0])


def planted(count: int = 400, kind: str = "survival") -> Examples:
    """Two modalities that tell of one outcome, and one of noise; a third lacks the second."""
    rng = np.random.default_rng(0)
    first, second, noise = rng.normal(size=(3, count, 4))
    score = first[:, 0] + second[:, 0]
    keys = [f"p{k}" for k in range(count)]
    frames = {
        name: pd.DataFrame(values, index=keys, columns=list("abcd"))
        for name, values in (("first", first), ("second", second), ("noise", noise))
    }
    censored = rng.exponential(2, count)
    time = rng.exponential(np.exp(-score))
    other = rng.exponential(np.exp(-second[:, 1]))
    if kind == "survival":
        target = Target.survival(np.minimum(time, censored), time < censored, "years")
    elif kind == "competing risks":
        soon = np.minimum(time, other)
        cause = np.where(soon > censored, 0, np.where(time < other, 1, 2))
        target = Target.survival(np.minimum(soon, censored), cause, "years")
    elif kind == "binary":
        target = Target.labelled(kind, rng.random(count) < 1 / (1 + np.exp(-2 * score)))
    elif kind == "multi-class":
        target = Target.labelled(kind, np.digitize(score, [-1, 1]), ("low", "middle", "high"))
    else:
        target = Target.labelled(kind, score + rng.normal(size=count) / 2)
    return Examples.of_frames(frames, target).hide("second", np.arange(count) % 3 == 0)


@pytest.fixture(scope="module")
def whole() -> Examples:
    return planted()


@pytest.fixture(scope="module")
def fitted(whole: Examples) -> Stack:
    return Stack(**QUICK).fit(whole.take(np.arange(280)))


def test_what_tells_of_the_outcome_counts_and_noise_does_not(
    whole: Examples, fitted: Stack
) -> None:
    others = whole.take(np.arange(280, 400))
    have = others.blocks["second"].present
    risk = fitted.predict(others).risk
    alone = RidgeCox().fit(whole.only(["first"]).take(np.arange(280))).predict(others).risk
    assert concordance(others.take(have), risk[have]) > concordance(
        others.take(have), alone[have]
    ) + 0.05  # fmt: skip
    weights = fitted.mixing.weights["first", "second", "noise"][0][:, 0]
    assert weights[2] < 0.3 * min(weights[:2])
    assert (weights >= 0).all()


def test_who_has_one_modality_is_answered_for_from_it_alone(whole: Examples, fitted: Stack) -> None:
    others = whole.take(np.arange(280, 400)).hide("second").hide("noise")
    risk = fitted.predict(others).risk
    base = fitted.bases["first"][0].predict(others.only(["first"])).risk
    slope = np.polyfit(base, risk, 1)
    np.testing.assert_allclose(risk, np.polyval(slope, base), atol=1e-9)
    assert slope[0] > 0
    nobody = fitted.predict(others.hide("first")).risk
    assert np.ptp(nobody) == 0
    assert np.isfinite(nobody).all()


def test_shares_sum_and_an_answer_is_the_patients_own(whole: Examples, fitted: Stack) -> None:
    answers, share = fitted.predict(whole), fitted.explain(whole)
    have = whole.blocks["second"].present
    total = share.base + sum(one.sum(axis=1) for one in share.weights.values())
    np.testing.assert_allclose(total[have], answers.risk[have], atol=1e-9)
    assert (share.weights["second"][~have] == 0).all()
    hidden = whole.hide("second", np.arange(len(whole)) != 1)
    assert fitted.predict(hidden).risk[1] == answers.risk[1]
    for k in range(0, 400, 50):
        assert fitted.predict(whole.take([k])).risk[0] == answers.risk[k]


def test_saved_and_loaded_it_answers_the_same(
    whole: Examples, fitted: Stack, tmp_path: Path
) -> None:
    sha256 = fitted.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert again.sha256 == sha256
    assert Stack(**QUICK).fit(whole.take(np.arange(280))).sha256 == sha256
    one, other = again.predict(whole), fitted.predict(whole)
    np.testing.assert_array_equal(one.risk, other.risk)
    np.testing.assert_array_equal(one.survival, other.survival)


def test_outcomes_of_the_validation_patients_change_nothing(whole: Examples, fitted: Stack) -> None:
    rest = whole.take(np.arange(280, 400))
    leak = rest.with_target(replace(rest.outcome(), time=rest.outcome().time[::-1].copy()))
    assert Stack(**QUICK).fit(whole.take(np.arange(280)), leak).sha256 == fitted.sha256


def test_weights_are_learnt_of_risks_that_had_not_seen_their_patient() -> None:
    # pure noise, wide: a model that weighs its own training fit would trust it blindly
    rng = np.random.default_rng(1)
    keys = [f"p{k}" for k in range(120)]
    frame = pd.DataFrame(rng.normal(size=(120, 200)), index=keys)
    frame.columns = [f"g{k}" for k in range(200)]
    target = Target.survival(rng.exponential(size=120), np.ones(120), "years")
    examples = Examples.of_frames({"genes": frame}, target)
    model = Stack(wide=["ridge-cox"], bases={"ridge-cox": {"wide": 1.0}}).fit(examples)
    assert concordance(examples, model.bases["genes"][0].predict(examples).risk) > 0.65
    assert model.mixing.weights["genes",][0][0, 0] < 0.2


@pytest.mark.parametrize("kind", ["binary", "multi-class", "regression", "competing risks"])
def test_other_kinds_of_outcome(kind: str, tmp_path: Path) -> None:
    examples = planted(300, kind)
    train, others = examples.take(np.arange(200)), examples.take(np.arange(200, 300))
    model = Stack(**QUICK).fit(train)
    answers, label = model.predict(others), others.outcome().label
    have = others.blocks["second"].present
    if kind == "binary":
        assert roc_auc_score(label[have], answers.risk[have]) > 0.85
    elif kind == "multi-class":
        assert answers.probability is not None
        assert (answers.probability.argmax(axis=1) == label)[have].mean() > 0.7
    elif kind == "regression":
        assert np.corrcoef(answers.risk[have], label[have])[0, 1] > 0.85
    else:
        assert answers.incidence is not None
        assert answers.survival is not None
        total = answers.incidence.sum(axis=1) + answers.survival
        np.testing.assert_allclose(total, 1, atol=1e-12)
    share = model.explain(others)
    if kind != "multi-class":
        total = share.base + sum(one.sum(axis=1) for one in share.weights.values())
        np.testing.assert_allclose(total[have], answers.risk[have], atol=1e-8)
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(load_model(tmp_path / "model").predict(others).risk, answers.risk)


def test_real_patients_in_two_modalities() -> None:
    table = load_gbsg2().iloc[:300]
    facts = table.drop(columns=["time", "cens"]).set_axis([f"p{k}" for k in table.index], axis=0)
    frames = {"receptors": facts[["estrec", "progrec"]],
              "others": facts.drop(columns=["estrec", "progrec"])}  # fmt: skip
    examples = Examples.of_frames(frames, Target.survival(table["time"], table["cens"], "days"))
    model = Stack(choose="best", narrow=["ridge-cox", "coxnet"], folds=2).fit(
        examples.take(np.arange(200))
    )
    assert all(len(one) == 1 for one in model.bases.values())
    others = examples.take(np.arange(200, 300))
    assert concordance(others, model.predict(others).risk) > 0.6


def test_stopped_and_refused(whole: Examples) -> None:
    stop = Event()
    stop.set()
    stopped = Stack(**QUICK).fit(whole, stop=stop)
    assert concordance(whole, stopped.predict(whole).risk) > 0.6
    with pytest.raises(ModelError, match="base model"):
        Stack(narrow=["oracle"]).fit(whole)
    with pytest.raises(ModelError, match="No modality"):
        Stack().fit(whole.hide("first").hide("second").hide("noise"))
    with pytest.raises(ModelError, match="nothing yet"):
        Stack().predict(whole)
