"""Networks of any subset of modalities: the same for each, tiny, on the CPU."""

import random
from pathlib import Path
from threading import Event

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from graphs.errors import DeviceError, ModelError  # noqa: E402
from graphs.examples.bag import Bag  # noqa: E402
from graphs.examples.block import Block  # noqa: E402
from graphs.examples.examples import Examples  # noqa: E402
from graphs.examples.target import Target  # noqa: E402
from graphs.models.epoch import Epoch  # noqa: E402
from graphs.models.load_model import load_model  # noqa: E402
from graphs.models.models import make_model  # noqa: E402
from graphs.models.neural import NeuralModel  # noqa: E402

NAMES = [
    "snn", "modality-transformer", "co-attention", "low-rank-bilinear", "iterative-attention",
]  # fmt: skip
SMALL = {"epochs": 3, "batch": 32, "members": 1, "width": 16, "components": 6}


def made(count: int = 60) -> Examples:
    """Patients with a table, genes in groups and sentences; some lack the latter two."""
    rng = np.random.default_rng(3)
    keys = [f"p{k}" for k in range(count)]
    genes = rng.normal(size=(count, 12))
    genes[rng.random(count) < 0.3] = np.nan
    table = pd.DataFrame(
        {"age": rng.normal(60, 9, count), "sex": rng.choice(["f", "m"], count)}, index=keys
    )
    table.loc[rng.random(count) < 0.2, "age"] = np.nan
    size = np.where(rng.random(count) < 0.3, 0, rng.integers(1, 5, count))
    owner = np.repeat(np.arange(count), size)
    said = rng.normal(size=(len(owner), 5)).astype(np.float32)
    names = [f"g{k}" for k in range(12)]
    blocks = {
        "clinical": Block.of("clinical", table),
        "rna": Block.of(
            "rna", pd.DataFrame(genes, keys, names),
            groups={"one": names[:5], "two": names[4:9]},
        ),
        "reports": Bag(
            "reports", tuple(keys), said, owner, tuple("vwxyz"),
            tuple(f"s{k}" for k in range(len(owner))), np.where(size, "present", "absent"),
        ),
    }  # fmt: skip
    hazard = np.nan_to_num(genes[:, 0]) + (table["sex"] == "m").to_numpy()
    time = rng.exponential(np.exp(-hazard)) + 0.01
    target = Target.survival(time, rng.random(count) < 0.7, "years")
    return Examples(tuple(keys), blocks, target)


EXAMPLES = made()


def fitted(name: str, **settings: object) -> NeuralModel:
    model = make_model(name, seed=4, device="cpu", **(SMALL | settings))
    assert isinstance(model, NeuralModel)
    return model.fit(EXAMPLES)


@pytest.fixture(scope="module", params=NAMES)
def model(request: pytest.FixtureRequest) -> NeuralModel:
    return fitted(request.param)


def test_a_patient_does_not_depend_on_who_else_is_in_the_batch(model: NeuralModel) -> None:
    together = model.predict(EXAMPLES)
    order = np.random.default_rng(0).permutation(len(EXAMPLES))
    np.testing.assert_allclose(
        model.predict(EXAMPLES.take(order)).risk, together.risk[order], atol=1e-5
    )
    for k in range(0, 60, 20):
        alone = model.predict(EXAMPLES.take([k]))
        assert alone.risk[0] == pytest.approx(together.risk[k], abs=1e-5)
        assert alone.survival is not None
        assert together.survival is not None
        np.testing.assert_allclose(alone.survival[0], together.survival[k], atol=1e-5)


def test_nor_on_what_another_lacks(model: NeuralModel) -> None:
    together = model.predict(EXAMPLES).risk
    others = np.arange(len(EXAMPLES)) >= 20
    for modality in EXAMPLES.modalities:
        hidden = model.predict(EXAMPLES.hide(modality, others)).risk
        np.testing.assert_allclose(hidden[:20], together[:20], atol=1e-5)
        had = EXAMPLES.blocks[modality].present[20:]
        # and it uses what there is
        assert (np.abs(hidden - together)[20:][had] > 1e-7).mean() > 0.9


def test_any_subset_is_predicted(model: NeuralModel) -> None:
    alone = EXAMPLES.only(["rna"])
    hidden = EXAMPLES.hide("clinical").hide("reports")
    np.testing.assert_allclose(model.predict(alone).risk, model.predict(hidden).risk, atol=1e-6)
    nothing = model.predict(hidden.hide("rna")).risk
    assert np.isfinite(nothing).all()
    assert np.ptp(nothing) < 1e-6
    assert len(model.predict(EXAMPLES.take(np.arange(0)))) == 0


def test_it_is_the_same_after_it_was_saved(model: NeuralModel, tmp_path: Path) -> None:
    sha256 = model.save(tmp_path)
    again = load_model(tmp_path, device="cpu")
    assert again.sha256 == sha256
    np.testing.assert_array_equal(
        again.predict(EXAMPLES).survival, model.predict(EXAMPLES).survival
    )


def test_shares_add_up_to_the_risk(model: NeuralModel) -> None:
    pytest.importorskip("captum")
    whole = EXAMPLES.take(np.flatnonzero(EXAMPLES.present.all(axis=1))[:8])
    shares = model.explain(whole, steps=32)
    bag = whole.blocks["reports"]
    assert isinstance(bag, Bag)
    total = sum(shares.by_modality({"reports": bag.owner}, len(whole)).values())
    np.testing.assert_allclose(total + shares.base, model.predict(whole).risk, atol=0.011)
    missing = model.explain(EXAMPLES.take(np.arange(4)).hide("rna"), steps=32)
    assert not missing.weights["rna"].any()
    assert missing.weights["clinical"].any()


@pytest.mark.parametrize("name", ["co-attention", "iterative-attention"])
def test_attention_is_on_instances(name: str) -> None:
    shares = fitted(name, epochs=1).explain(EXAMPLES, method="attention")
    bag = EXAMPLES.blocks["reports"]
    assert isinstance(bag, Bag)
    total = np.bincount(bag.owner, shares.weights["reports"], minlength=len(bag))
    np.testing.assert_allclose(total, bag.present, atol=1e-6)
    assert not shares.weights["rna"].any()


def test_the_same_seed_gives_the_same_numbers_and_leaves_the_generators_alone() -> None:
    state = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    first = fitted("iterative-attention", members=2)
    torch.manual_seed(11)
    assert fitted("iterative-attention", members=2).sha256 == first.sha256
    torch.set_rng_state(state[0])
    other = make_model("iterative-attention", seed=5, device="cpu", **SMALL).fit(EXAMPLES)
    assert torch.equal(torch.get_rng_state(), state[0])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == state[1:]  # noqa: NPY002
    assert other.sha256 != first.sha256
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_training_that_was_killed_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    settings = {"epochs": 4, "held_out": 0.3}
    whole = fitted("modality-transformer", **settings).sha256

    class Killed(BaseException):
        pass

    def kill(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise Killed

    def begun() -> NeuralModel:
        model = make_model("modality-transformer", seed=4, device="cpu", **(SMALL | settings))
        assert isinstance(model, NeuralModel)
        return model

    with pytest.raises(Killed):
        begun().fit(EXAMPLES, checkpoint=tmp_path, on_epoch=kill)
    told: list[Epoch] = []
    again = begun().fit(EXAMPLES, checkpoint=tmp_path, on_epoch=told.append)
    assert [one.number for one in told] == [3, 4]
    assert told[-1].validation is not None
    assert again.sha256 == whole
    # what is done is not done again
    assert begun().fit(EXAMPLES, checkpoint=tmp_path, on_epoch=told.append).sha256 == whole
    assert len(told) == 2
    with pytest.raises(ModelError, match="Another training"):
        begun().fit(EXAMPLES.take(np.arange(50)), checkpoint=tmp_path)


def test_a_stop_ends_it_at_the_next_batch_and_losses_are_logged(tmp_path: Path) -> None:
    stop, told = Event(), []

    def tell(epoch: Epoch) -> None:
        told.append(epoch)
        stop.set()

    model = make_model("snn", device="cpu", **(SMALL | {"epochs": 50, "members": 3}))
    assert isinstance(model, NeuralModel)
    model.fit(EXAMPLES, on_epoch=tell, stop=stop, logger=tmp_path)
    assert [(one.number, one.of) for one in told] == [(1, 150)]
    assert np.isfinite(model.predict(EXAMPLES).risk).all()
    (log,) = tmp_path.rglob("metrics.csv")
    assert "train" in log.read_text("utf-8")


@pytest.mark.parametrize("loss", ["cox", "nll"])
def test_causes_that_compete(loss: str) -> None:
    target = EXAMPLES.outcome()
    event = np.where(np.arange(60) % 3 == 0, 2 * target.event, target.event)
    both = EXAMPLES.with_target(Target.survival(target.time, event))
    answers = make_model("snn", device="cpu", loss=loss, **SMALL).fit(both).predict(both)
    assert answers.incidence is not None
    assert answers.survival is not None
    assert answers.incidence.shape == (60, 2, len(answers.times))
    np.testing.assert_allclose(answers.incidence.sum(axis=1) + answers.survival, 1, atol=1e-6)
    assert (np.diff(answers.incidence, axis=2) > -1e-9).all()


def test_intervals_give_curves_that_fall_as_the_cohort_does() -> None:
    model = make_model("snn", device="cpu", loss="nll", **(SMALL | {"epochs": 10}))
    answers = model.fit(EXAMPLES).predict(EXAMPLES)
    assert answers.survival is not None
    assert (np.diff(answers.survival, axis=1) <= 0).all()
    order = np.argsort(answers.risk)
    assert answers.survival[order[0], -1] > answers.survival[order[-1], -1]
    target = EXAMPLES.outcome()
    lived = np.cumprod([
        1 - ((target.time == t) & (target.event == 1)).sum() / (target.time >= t).sum()
        for t in np.sort(target.time)
    ])  # fmt: skip
    at = answers.times[len(answers.times) // 2]
    observed = lived[np.searchsorted(np.sort(target.time), at, side="right") - 1]
    mean = 1 - answers.event_by(at).mean()
    assert mean == pytest.approx(observed, abs=0.1)


@pytest.mark.parametrize(
    ("kind", "label"),
    [("binary", [0, 1]), ("multi-class", [0, 1, 2]), ("regression", [110, 120.5, 131])],
)
def test_labels(kind: str, label: list[float]) -> None:
    given = np.resize(label, 60)
    examples = EXAMPLES.with_target(
        Target.labelled(kind, given, ("a", "b", "c") if kind == "multi-class" else ())
    )
    answers = make_model("snn", device="cpu", **SMALL).fit(examples).predict(examples)
    if kind == "regression":
        assert answers.probability is None
        assert answers.risk.mean() == pytest.approx(given.mean(), abs=8)
    else:
        assert answers.probability is not None
        assert answers.probability.shape == (60, len(label))
        np.testing.assert_allclose(answers.probability.sum(axis=1), 1)


def test_a_signal_is_found_in_patients_it_has_not_seen() -> None:
    from lifelines.utils import concordance_index

    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 8))
    time = rng.exponential(np.exp(-1.5 * values[:, 0]))
    frame = pd.DataFrame(values, columns=list("abcdefgh"))
    examples = Examples.of_frames({"x": frame}, Target.survival(time, rng.random(300) < 0.8))
    settings = SMALL | {"epochs": 20, "learning_rate": 1e-2, "components": 0}
    model = make_model("snn", device="cpu", **settings).fit(examples.take(np.arange(200)))
    rest = examples.take(np.arange(200, 300))
    answers = model.predict(rest)
    target = rest.outcome()
    assert concordance_index(target.time, -answers.risk, target.event) > 0.75
    shares = model.explain(rest).weights["x"]
    assert np.abs(shares).mean(axis=0).argmax() == 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA here")
def test_cuda_where_there_is_none_is_a_clear_error() -> None:
    with pytest.raises(DeviceError, match="no CUDA"):
        make_model("snn", device="cuda", **SMALL).fit(EXAMPLES)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA: there is no such device")
@pytest.mark.parametrize("name", NAMES)
def test_a_network_of_cuda_answers_the_same_on_the_cpu(name: str) -> None:
    model = make_model(name, device="cuda", **SMALL).fit(EXAMPLES)
    there = model.predict(EXAMPLES).risk
    model.device = "cpu"
    np.testing.assert_allclose(model.predict(EXAMPLES).risk, there, atol=1e-3)
