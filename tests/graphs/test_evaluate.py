"""A planted useful modality is told to be better, a useless one not; what fails loses nothing."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from graphs.errors import ExamplesError, ModelError
from graphs.evaluate import evaluate
from graphs.evaluate_fitted import evaluate_fitted
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.answers import Answers
from graphs.models.attribution import Attribution
from graphs.models.model import Model
from graphs.models.scaler import Scaler

N = 300


class Ridge(Model):
    """Least squares on minus the log time, or the label: enough to be evaluated."""

    NAME = "ridge"
    KINDS = ("survival", "binary", "multi-class", "regression", "competing risks")
    SETTINGS: ClassVar[dict[str, Any]] = {"penalty": 20.0}
    fits = 0

    def _x(self, examples: Examples) -> np.ndarray:
        return np.concatenate(
            [self.scalers[m].transform(examples.vectors(m)) for m in self.modalities], 1
        )

    def fit(self, train: Examples, validation: Any = None, *, on_epoch: Any = None,
            stop: Any = None) -> Ridge:  # fmt: skip
        self.check(train)
        type(self).fits += 1
        self.scalers = {m: Scaler().fit(train.vectors(m)) for m in self.modalities}
        x, self.target = self._x(train), train.outcome()
        y = -np.log(self.target.time + 0.1) if self.target.timed else self.target.label
        self.base, gram = float(y.mean()), x.T @ x + self.settings["penalty"] * np.eye(x.shape[1])
        self.weights = np.linalg.solve(gram, x.T @ (y - self.base))
        return self

    def predict(self, examples: Examples) -> Answers:
        risk = (self._x(examples) @ self.weights).astype(float)
        kind, none = self.target.kind, np.zeros(0)
        if kind == "regression":
            return Answers(kind, risk + self.base, none)
        if not self.target.timed:
            p = np.clip(risk + self.base, 0.01, 0.99)
            return Answers(kind, risk, none, probability=np.c_[1 - p, p])
        times = np.quantile(self.target.time, np.linspace(0, 1, 30))
        rate = self.target.event.astype(bool).sum() / self.target.time.sum()
        curve = np.exp(-rate * np.exp(risk)[:, None] * times)
        if kind == "competing risks":
            share = (1 - curve) / 2
            return Answers(kind, risk, times, incidence=np.stack([share, share], 1))
        return Answers(kind, risk, times, curve)

    def explain(self, examples: Examples) -> Attribution:
        return Attribution({}, "none")

    def state(self) -> Any:
        return {}, {"weights": self.weights}

    def restore(self, values: Any, arrays: Any) -> None:
        self.weights = arrays["weights"]


class Broken(Ridge):
    NAME = "broken"

    def fit(self, train: Examples, *args: Any, **more: Any) -> Broken:
        if "p0" not in train.keys:
            raise RuntimeError("out of <b>memory</b>")
        super().fit(train, *args, **more)
        return self


def examples(useful: bool, kind: str = "survival", n: int = N, seed: int = 4) -> Examples:
    rng = np.random.default_rng(seed)
    keys = [f"p{k}" for k in range(n)]
    first, second = rng.normal(size=(n, 2)), rng.normal(size=(n, 1))
    line = 0.8 * first[:, 0] + (1.2 if useful else 0.0) * second[:, 0]
    about = pd.DataFrame(
        {"sex": rng.choice(["F", "M"], n), "age": rng.uniform(30, 90, n),
         "site": rng.choice(["<i>A</i>", "B", "C"], n, p=[0.5, 0.45, 0.05])}, keys,
    )  # fmt: skip
    second[rng.random(n) < 0.2] = np.nan
    event_at, lost_at = rng.exponential(20 * np.exp(-line)), rng.exponential(40, n)
    event = (event_at <= lost_at).astype(int)
    if kind == "competing risks":
        event = np.where((event == 1) & (rng.random(n) < 0.3), 2, event)
    if kind in ("survival", "competing risks"):
        target = Target.survival(np.minimum(event_at, lost_at), event, "months")
    elif kind == "regression":
        target = Target.labelled(kind, line + rng.normal(size=n), unit="mm")
    else:
        chance = 1 / (1 + np.exp(-2 * line))
        target = Target.labelled(kind, (rng.random(n) < chance).astype(float), ("no", "yes"))
    frames = {"clinical": pd.DataFrame(first, keys, ["a", "b"]),
              "rna": pd.DataFrame(second, keys, ["gene"])}  # fmt: skip
    return Examples.of_frames(frames, target, about=about)


@pytest.fixture(scope="module")
def useful() -> Any:
    return evaluate(Ridge, examples(True), margin=0.02, draws=300, operating={"sensitivity": 0.9})


def test_a_useful_modality_makes_fusion_better(useful: Any) -> None:
    (verdict,) = useful.verdicts
    assert verdict.said == "better"
    assert verdict.difference.low > 0
    assert verdict.inferior is False
    assert "is better than" in useful.words
    assert f"{N} patients" in verdict.words
    assert useful.complete
    folds = useful.answers.groupby("patient").size()
    assert (folds == 1).all()
    assert len(folds) == N


def test_a_useless_modality_does_not() -> None:
    found = evaluate(Ridge, examples(False), controls=["alone"], subgroups=False, draws=300)
    (verdict,) = found.verdicts
    assert verdict.said == "not distinguishable"
    assert verdict.best == "clinical"
    assert "not distinguishable from clinical alone" in found.words


def test_of_five_patients_nothing_can_be_told() -> None:
    few = examples(True, n=5).with_target(Target.labelled("binary", [0.0, 1, 0, 1, 1]))
    found = evaluate(Ridge, few, folds=2, controls=["alone"], subgroups=False, draws=20)
    (verdict,) = found.verdicts
    assert verdict.said == "cannot tell"
    assert "too few patients for an interval" in verdict.words
    assert "nan" not in verdict.words


def test_controls_stand_beside_it(useful: Any) -> None:
    table = useful.controls.set_index(["control", "modality"])
    whole = useful.table["c-index"].iloc[0]
    for control in ("shuffled", "without", "alone"):
        row = table.loc[(control, "rna")]
        assert row["change"] == pytest.approx(row["value"] - whole)
    assert table.loc[("shuffled", "rna"), "change high"] < 0
    assert table.loc[("without", "rna"), "change high"] < 0
    permuted = table.loc[("permuted outcome", "")]
    assert permuted["low"] < 0.5 < permuted["high"]
    assert "covers chance" in permuted["said"]
    # who never had it does not lose by its being hidden
    assert table.loc[("without", "rna"), "holders"] < N
    curve = useful.missing.query("modality == 'rna'")["value"].to_numpy()
    assert curve[0] == pytest.approx(whole)
    assert curve[-1] == pytest.approx(table.loc[("without", "rna"), "value"])
    assert (np.diff(curve) < 0.01).all()


def test_subgroups_have_gaps_and_small_ones_no_number(useful: Any) -> None:
    table = useful.subgroups
    small = table[table["patients"] < 20]
    assert (small["said"] == "too few").all()
    assert len(small)
    assert small["value"].isna().all()
    women = table.query("column == 'sex' and group == 'F'").iloc[0]
    men = table.query("column == 'sex' and group == 'M'").iloc[0]
    assert women["gap"] == pytest.approx(women["value"] - men["value"])
    assert women["gap low"] < women["gap"] < women["gap high"]
    assert table.query("column == 'age'")["group"].tolist() == [
        "under 50", "50 to 64", "65 to 74", "75 and above",
    ]  # fmt: skip


def test_the_threshold_is_chosen_on_other_patients(useful: Any) -> None:
    (row,) = useful.operating.to_dict("records")
    assert row["patients"] == N
    assert row["sensitivity low"] < row["sensitivity"] < row["sensitivity high"]
    assert row["sensitivity"] == pytest.approx(0.9, abs=0.1)
    chosen = {(one.repeat, one.fold): set(one.rows.tolist())
              for one in useful.ran.held["ridge", "chosen by"]}  # fmt: skip
    for one in useful.ran.held["ridge", "choosing"]:
        assert not chosen[one.repeat, one.fold] & set(one.rows.tolist())


def test_it_is_shown_escaped_drawn_and_written(useful: Any, tmp_path: Path) -> None:
    html = useful._repr_html_()
    assert "<i>A</i>" not in html
    assert "&lt;i&gt;A" in html
    said = json.loads(useful.to_json(tmp_path / "e.json"))
    assert said["verdicts"][0]["said"] == "better"
    assert json.loads((tmp_path / "e.json").read_text()) == said
    for which in ("forest", "risk", "calibration", "decision", "missing"):
        figure = useful.figure(which)
        assert figure.axes[0].get_xlabel() or figure.axes[0].get_title()
    assert "months" in useful.figure("risk").axes[0].get_xlabel()
    with pytest.raises(ValueError, match="forest"):
        useful.figure("pie")


def test_the_same_seed_gives_the_same_numbers(useful: Any) -> None:
    again = evaluate(Ridge, examples(True), margin=0.02, draws=300, controls=["alone"],
                     subgroups=False, operating={"sensitivity": 0.9})  # fmt: skip
    columns = [one for one in useful.table.columns if one != "seconds"]
    pd.testing.assert_frame_equal(again.table[columns], useful.table[columns])


def test_a_model_that_fails_loses_no_other(tmp_path: Path) -> None:
    some = examples(True, n=120)
    found = evaluate({"good": Ridge, "bad": Broken}, some, folds=3, controls=False,
                     subgroups=False, draws=100, folder=tmp_path)  # fmt: skip
    table = found.table.set_index("model")
    assert table.loc["good", "folds"] == "3 of 3"
    assert table.loc["bad", "folds"] == "2 of 3"
    assert "memory" in table.loc["bad", "why"]
    assert "<b>" not in found._repr_html_()
    assert not found.complete
    # on the folds that both have they are one model
    (row,) = found.differences.to_dict("records")
    assert row["difference"] == 0
    assert row["said"] == "not different"
    assert found.compare("good", "bad").value == 0


def test_what_is_done_is_not_done_again_and_it_can_be_stopped(tmp_path: Path) -> None:
    some = examples(True, n=120)
    asked: dict[str, Any] = {"folds": 3, "subgroups": False, "permutations": 1, "draws": 100,
                             "folder": tmp_path}  # fmt: skip
    stop = Event()

    class Stops(Ridge):
        NAME = "ridge"

        def fit(self, *args: Any, **more: Any) -> Stops:
            super().fit(*args, **more)
            if type(self).fits == 4:
                stop.set()
            return self

    Stops.fits = 0
    part = evaluate(Stops, some, stop=stop, **asked)
    assert part.ran.left == 12 - 3
    assert "Not finished" in part.words
    assert Stops.fits == 4
    whole = evaluate(Stops, some, **asked)
    assert Stops.fits == 4 + 9
    assert whole.complete
    again = evaluate(Stops, some, **asked)
    assert Stops.fits == 4 + 9
    pd.testing.assert_frame_equal(again.table, whole.table)
    # a damaged file is fitted again, other patients are
    sorted(tmp_path.glob("*.npz"))[0].write_bytes(b"PK")
    evaluate(Stops, some, **asked)
    assert Stops.fits == 4 + 10
    evaluate(Stops, examples(False, n=120), **asked)
    assert Stops.fits == 4 + 22


@pytest.mark.parametrize("kind", ["binary", "multi-class", "regression", "competing risks"])
def test_every_kind_of_task(kind: str) -> None:
    some = examples(True, kind, n=200)
    models = {"weak": (Ridge, {"penalty": 1e4}), "strong": (Ridge, {"penalty": 1.0})}
    found = evaluate(models, some, folds=4, repeats=2, permutations=2, draws=100)
    assert len(found.verdicts) == 2
    assert found.verdicts[1].said == "better"
    assert found.table["folds"].iloc[0] == "8 of 8"
    assert np.isfinite(found.measures["value"]).all()
    if kind == "binary":
        (row,) = found.differences.to_dict("records")
        assert 0 <= row["p (DeLong)"] <= 1
        assert 0 <= row["p (McNemar)"] <= 1
        assert found.operating["rule"].tolist() == ["sensitivity 0.95"] * 2
    found._repr_html_()
    json.loads(found.to_json())


def test_sites_stay_whole_or_are_left_out() -> None:
    some = examples(True, n=150)
    site = some.about["site"].to_numpy()
    quick: dict[str, Any] = {"controls": False, "subgroups": False, "draws": 20}
    left_out = evaluate(Ridge, some, folds="site", **quick)
    for one in left_out.ran.held["ridge", "all"]:
        assert len(set(site[one.rows])) == 1
    whole = evaluate(Ridge, some, folds=2, groups="site", **quick)
    first, second = (set(site[one.rows]) for one in whole.ran.held["ridge", "all"])
    assert not first & second


def test_folds_that_are_given_are_taken_and_must_not_leak() -> None:
    some = examples(True, n=150)
    keys = list(some.keys)
    quick: dict[str, Any] = {"controls": False, "subgroups": False, "draws": 20}
    found = evaluate(Ridge, some, folds=[(keys[:100], [*keys[100:], "nobody"])], **quick)
    (held,) = found.ran.held["ridge", "all"]
    assert held.rows.tolist() == list(range(100, 150))
    # weights of censoring are of the training patients
    assert len(held.reference) == 100
    with pytest.raises(ExamplesError, match="1 patients are fitted on and tested"):
        evaluate(Ridge, some, folds=[(keys[:101], keys[100:])], **quick)
    with pytest.raises(ExamplesError, match="'hospital'"):
        evaluate(Ridge, some, folds="hospital", **quick)
    with pytest.raises(ModelError, match="no setting"):
        evaluate((Ridge, {"depth": 3}), some, **quick)
    with pytest.raises(ExamplesError, match="horizon"):
        evaluate(Ridge, some, horizon=1e9, **quick)


def test_a_trained_model_meets_another_cohort() -> None:
    pytest.importorskip("safetensors")
    model = Ridge().fit(examples(True, n=200))
    found = evaluate_fitted(model, examples(True, n=150, seed=9), draws=100)
    assert found.table["c-index"].iloc[0] > 0.65
    assert set(found.controls["control"]) == {"shuffled", "without"}
    assert "cannot tell whether fusion is better" in found.words
    assert "nothing was fitted here" in found.words
    lacking = examples(True, n=150, seed=9).only(["clinical"])
    assert "no rna" in evaluate_fitted(model, lacking, draws=20).table["why"].iloc[0]
    with pytest.raises(ModelError, match="not fitted"):
        evaluate_fitted(Ridge(), lacking)
