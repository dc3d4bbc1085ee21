"""Ridge Cox: real trial patients of lifelines, and planted hazards."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.load_model import load_model
from graphs.models.ridge_cox import RidgeCox

pytest.importorskip("sksurv")
pytest.importorskip("safetensors")
from lifelines.datasets import load_gbsg2
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.metrics import concordance_index_censored
from sksurv.util import Surv


@pytest.fixture(scope="module")
def trial() -> Examples:
    """686 women of the German Breast Cancer Study Group."""
    table = load_gbsg2()
    facts = table.drop(columns=["time", "cens"]).set_axis([f"p{k}" for k in table.index], axis=0)
    return Examples.of_frames(
        {"clinical": facts}, Target.survival(table["time"], table["cens"], "days")
    )


@pytest.fixture(scope="module")
def fitted(trial: Examples) -> RidgeCox:
    return RidgeCox().fit(trial.take(np.arange(400)))


def concordance(examples: Examples, risk: np.ndarray) -> float:
    target = examples.outcome()
    return float(concordance_index_censored(target.event > 0, target.time, risk)[0])


def planted(count: int = 400, wide: int = 300) -> Examples:
    """Made by a formula: hazard exp(age + first gene factor); a third without genes."""
    rng = np.random.default_rng(0)
    age, factor = rng.normal(size=(2, count))
    genes = factor[:, None] * rng.normal(size=wide) + rng.normal(size=(count, wide))
    time = rng.exponential(np.exp(-(age + factor)))
    censored = rng.exponential(2, count)
    keys = [f"p{k}" for k in range(count)]
    frames = {
        "clinical": pd.DataFrame({"age": age}, index=keys),
        "genes": pd.DataFrame(genes, index=keys, columns=[f"g{k}" for k in range(wide)]),
    }
    made = Examples.of_frames(
        frames, Target.survival(np.minimum(time, censored), time < censored, "years")
    )
    return made.hide("genes", np.arange(count) % 3 == 0)


def test_real_patients_are_ordered_as_by_plain_cox(trial: Examples, fitted: RidgeCox) -> None:
    others = trial.take(np.arange(400, len(trial)))
    numbers = pd.get_dummies(trial.vectors("clinical").frame, drop_first=True).astype(float)
    target = trial.outcome()
    plain = CoxPHSurvivalAnalysis(alpha=1e-3).fit(
        numbers.to_numpy()[:400], Surv.from_arrays(target.event[:400] > 0, target.time[:400])
    )
    peer = concordance(others, plain.predict(numbers.to_numpy()[400:]))
    assert concordance(others, fitted.predict(others).risk) > max(peer - 0.01, 0.66)


def test_curves_fall_and_are_calibrated(trial: Examples, fitted: RidgeCox) -> None:
    others = trial.take(np.arange(400, len(trial)))
    answers = fitted.predict(others)
    assert answers.survival is not None
    assert (np.diff(answers.survival, axis=1) <= 0).all()
    target = others.outcome()
    by_two_years = answers.event_by(730)
    assert by_two_years is not None
    followed = (target.time > 730) | (target.event > 0)
    seen = (target.time[followed] <= 730).mean()
    assert abs(by_two_years.mean() - seen) < 0.06


def test_shares_sum_to_the_risk(trial: Examples, fitted: RidgeCox) -> None:
    share = fitted.explain(trial)
    total = share.base + share.weights["clinical"].sum(axis=1)
    np.testing.assert_allclose(total, fitted.predict(trial).risk, atol=1e-12)


def test_genes_are_found_through_components_and_may_be_missing() -> None:
    examples = planted()
    model = RidgeCox(wide=100, narrow=1).fit(examples.take(np.arange(250)))
    others = examples.take(np.arange(250, 400))
    have = others.vectors("genes").present
    risk = model.predict(others).risk
    both, age = others.take(have), others.only(["clinical"]).take(have)
    alone = RidgeCox().fit(examples.only(["clinical"]).take(np.arange(250))).predict(age).risk
    assert concordance(both, risk[have]) > concordance(both, alone) + 0.05
    hidden = model.predict(others.hide("genes")).risk
    assert concordance(others, hidden) > 0.65
    share = model.explain(others).weights["genes"]
    assert (share[~have] == 0).all()
    assert (share[have] != 0).any()
    total = share.sum(axis=1) + model.explain(others).weights["clinical"].sum(axis=1)
    np.testing.assert_allclose((total + model.explain(others).base)[have], risk[have], atol=1e-9)


def test_an_answer_does_not_depend_on_who_else_is_asked_for() -> None:
    examples = planted(150)
    model = RidgeCox(wide=100, narrow=1).fit(examples)
    whole = model.predict(examples)
    for k in range(0, 150, 10):
        alone = model.predict(examples.take([k]))
        assert alone.risk[0] == whole.risk[k]
        assert whole.survival is not None
        assert alone.survival is not None
        np.testing.assert_array_equal(alone.survival[0], whole.survival[k])


def test_saved_and_loaded_it_answers_the_same(tmp_path: Path) -> None:
    examples = planted(150)
    model = RidgeCox(seed=3, wide=[100, 300], narrow=1).fit(examples)
    sha256 = model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert again.sha256 == sha256 == RidgeCox(seed=3, wide=[100, 300], narrow=1).fit(
        examples).sha256  # fmt: skip
    np.testing.assert_array_equal(again.predict(examples).risk, model.predict(examples).risk)
    np.testing.assert_array_equal(
        again.explain(examples).weights["genes"], model.explain(examples).weights["genes"]
    )


def test_competing_risks_have_a_hazard_each() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(600, 2))
    times = rng.exponential(np.exp(-x))
    censored = rng.exponential(2, 600)
    cause = np.where(times.min(axis=1) < censored, times.argmin(axis=1) + 1, 0)
    target = Target.survival(np.minimum(times.min(axis=1), censored), cause, "years")
    frame = pd.DataFrame(x, columns=["first", "second"], index=[f"p{k}" for k in range(600)])
    examples = Examples.of_frames({"facts": frame}, target)
    answers = RidgeCox().fit(examples).predict(examples)
    assert answers.incidence is not None
    assert answers.survival is not None
    np.testing.assert_allclose(answers.incidence.sum(axis=1) + answers.survival, 1, atol=1e-12)
    likely = answers.incidence[:, :, -1]
    assert np.corrcoef(likely[:, 0] - likely[:, 1], x[:, 0] - x[:, 1])[0, 1] > 0.9
    # the whole population's incidence is Aalen and Johansen's
    early = np.searchsorted(answers.times, 0.5)
    assert abs(likely.mean(axis=0) - (cause[:, None] == [1, 2]).mean(axis=0)).max() < 0.2
    assert (answers.incidence[:, :, early] <= likely).all()


def test_it_is_not_for_labels(trial: Examples, fitted: RidgeCox) -> None:
    label = Target.labelled("binary", np.arange(len(trial)) % 2)
    with pytest.raises(ModelError, match="not for binary"):
        RidgeCox().fit(trial.with_target(label))
    with pytest.raises(ModelError, match="learnt nothing"):
        RidgeCox().predict(trial)
    partly = replace(trial.outcome(), known=trial.outcome().time > 100)
    with pytest.raises(ModelError, match="known"):
        RidgeCox().fit(trial.with_target(partly))
