"""Messages over the patient graph: a label that only a neighbour node knows; nobody else's word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import explorer

torch = pytest.importorskip("torch")
pytest.importorskip("torch_geometric")
pytest.importorskip("lightning")

from graphs.errors import ModelError  # noqa: E402
from graphs.examples.examples import Examples  # noqa: E402
from graphs.examples.target import Target  # noqa: E402
from graphs.hetero.graph_of_examples import graph_of_examples  # noqa: E402
from graphs.models.hetero_model import HeteroModel  # noqa: E402
from graphs.models.load_model import load_model  # noqa: E402
from graphs.models.models import make_model  # noqa: E402
from graphs.models.owners import owners  # noqa: E402
from graphs.to_hetero import to_hetero  # noqa: E402

SMALL = {"epochs": 25, "hidden": 16, "learning_rate": 0.01, "dropout": 0.1}
MODELS = ["hetero-sage", "hgt"]


def graph_of(count: int = 160, seed: int = 0, similar: bool = True) -> tuple[Any, np.ndarray]:
    """Patients with lesions, whose mean size makes the label, in organs that patients share."""
    from torch_geometric.data import HeteroData

    rng = np.random.default_rng(seed)
    each = rng.integers(1, 4, count)
    owner = np.repeat(np.arange(count), each)
    size = rng.normal(size=len(owner))
    mean = np.bincount(owner, size) / each
    data = HeteroData()
    data["patient"].x = torch.as_tensor(rng.normal(size=(count, 2)), dtype=torch.float32)
    data["patient"].x_mask = torch.as_tensor(rng.random((count, 2)) > 0.1)
    data["patient"].key = [f"k{seed}-{k}" for k in range(count)]
    data["lesion"].x = torch.as_tensor(size[:, None], dtype=torch.float32)
    data["lesion"].x_mask = torch.ones(len(owner), 1, dtype=torch.bool)
    data["lesion"].category = torch.as_tensor(rng.integers(1, 4, (len(owner), 1)))
    data["lesion"].address = [f"onco:{seed}/lesions/{k}" for k in range(len(owner))]
    data["organ"].num_nodes = 3
    ends = np.stack([owner, np.arange(len(owner))])
    data["patient", "has", "lesion"].edge_index = torch.as_tensor(ends)
    organ = np.stack([np.arange(len(owner)), rng.integers(0, 3, len(owner))])
    data["lesion", "in", "organ"].edge_index = torch.as_tensor(organ)
    if similar:
        pairs = rng.integers(0, count, (2, 4 * count))
        data["patient", "similar_to", "patient"].edge_index = torch.as_tensor(pairs)
    return data, (mean > np.median(mean)).astype(float)


def examples_of(graph: Any, label: np.ndarray) -> Examples:
    rows = np.arange(len(label))
    age = np.random.default_rng(3).normal(60, 9, len(label))
    frame = pd.DataFrame({"age": age}, index=list(graph["patient"].key))
    target = Target.labelled("binary", label)
    return Examples.of_frames({"clinical": frame}, target, graph=graph, rows=rows)


@pytest.fixture(scope="module", params=MODELS)
def fitted(request: pytest.FixtureRequest) -> tuple[HeteroModel, Examples]:
    whole = examples_of(*graph_of())
    model = make_model(request.param, **SMALL).fit(whole.take(np.arange(110)))
    assert isinstance(model, HeteroModel)
    return model, whole


def test_what_only_a_neighbour_node_knows_is_learnt(fitted: tuple[HeteroModel, Examples]) -> None:
    model, whole = fitted
    held = whole.take(np.arange(110, 160))
    # attention has to find the lesions among the many patients who are said to be similar
    least = 0.85 if model.NAME == "hetero-sage" else 0.55
    assert roc_auc_score(held.outcome().label, model.predict(held).risk) > least


def test_without_the_graph_it_is_chance() -> None:
    whole = examples_of(*graph_of())
    model = make_model("patient-knn", epochs=20, members=1).fit(whole.take(np.arange(110)))
    held = whole.take(np.arange(110, 160))
    assert roc_auc_score(held.outcome().label, model.predict(held).risk) < 0.75


def test_nobody_else_matters(fitted: tuple[HeteroModel, Examples]) -> None:
    model, whole = fitted
    held = whole.take(np.arange(110, 160))
    told = model.predict(held).risk
    alone = np.concatenate([model.predict(held.take([k])).risk for k in range(8)])
    assert np.abs(told[:8] - alone).max() < 1e-5
    # all that another held-out patient has is gone
    graph = whole.graph.clone()
    others = torch.as_tensor(owners(graph)["lesion"] > 110)
    graph["lesion"].x[others] = 0
    graph["lesion"].x_mask[others] = False
    graph["patient"].x[111:] = 9
    changed = model.predict(examples_of(graph, whole.outcome().label).take([110])).risk
    assert abs(changed[0] - told[0]) < 1e-5
    hidden = held.hide("clinical", np.arange(len(held)) > 0)
    assert abs(model.predict(hidden).risk[0] - told[0]) < 1e-5


def test_held_out_patients_do_not_enter_the_training(
    fitted: tuple[HeteroModel, Examples],
) -> None:
    model, whole = fitted
    graph = whole.graph.clone()
    theirs = torch.as_tensor(owners(graph)["lesion"] >= 110)
    graph["lesion"].x[theirs] = 7
    graph["patient"].x[110:] = -7
    other = examples_of(graph, whole.outcome().label).take(np.arange(110))
    assert make_model(model.NAME, **SMALL).fit(other).sha256 == model.sha256


def test_transductive_is_another_thing() -> None:
    whole = examples_of(*graph_of())
    few = {**SMALL, "epochs": 2}
    model = make_model("hetero-sage", transductive=True, **few).fit(whole.take(np.arange(110)))
    told = model.predict(whole).risk
    graph = whole.graph.clone()
    graph["patient"].x[111:] = 9
    changed = model.predict(examples_of(graph, whole.outcome().label)).risk
    assert np.abs(changed[:110] - told[:110]).max() > 1e-4


def test_another_cohort_and_one_without_lesions(
    fitted: tuple[HeteroModel, Examples], tmp_path: Path
) -> None:
    model, _ = fitted
    model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    graph, label = graph_of(60, 5, similar=False)
    other = examples_of(graph, label)
    risk = again.predict(other).risk
    assert np.abs(risk - model.predict(other).risk).max() < 1e-6
    assert roc_auc_score(label, risk) > (0.8 if model.NAME == "hetero-sage" else 0.5)
    bare = type(graph)()
    for name in ("x", "x_mask", "key"):
        bare["patient"][name] = graph["patient"][name]
    assert np.isfinite(model.predict(examples_of(bare, label)).risk).all()
    bare["lesion"].x = torch.zeros(0, 1)
    bare["patient", "has", "lesion"].edge_index = torch.zeros(2, 0, dtype=torch.int64)
    assert np.isfinite(model.predict(examples_of(bare, label)).risk).all()
    graph["lesion"].x = torch.zeros(len(graph["lesion"].x), 4)
    graph["lesion"].x_mask = torch.ones(len(graph["lesion"].x), 4, dtype=torch.bool)
    with pytest.raises(ModelError, match="as in training"):
        model.predict(other)


def test_shares_of_nodes_add_up_and_lead_to_addresses(
    fitted: tuple[HeteroModel, Examples],
) -> None:
    pytest.importorskip("captum")
    model, whole = fitted
    some = whole.take([110, 120])
    told = model.explain(some, steps=24)
    names, owner = told.addresses["graph"], told.owners["graph"]
    assert len(names) == len(owner) == len(told.weights["graph"])
    lesions = [one for one, who in zip(names, owner, strict=True) if one and who == 0]
    own = np.flatnonzero(owners(whole.graph)["lesion"] == 110)
    assert {f"onco:0/lesions/{k}" for k in own} <= set(lesions)
    assert told.weights["clinical"].shape == (2, 1)
    assert set(told.by_modality({}, 2)) == {"clinical", "graph"}


def store_of(place: Path, first: int, count: int) -> Any:
    """Patients of whose facts one tells the label."""
    made = explorer.open(place, create=True)
    with made.transaction("synthetic") as t:
        for n in range(first, first + count):
            key = t.patient(f"P{n}", synthetic=True)
            fact = {"date": "2020-01-01", "synthetic": True, "unit": "ng/mL"}
            marker = float(n * 7 % 10)
            facts = [
                {"name": "marker", "value": str(marker), "number": marker, **fact},
                {"name": "site", "value": "AB"[n % 2], **fact},
            ]
            t.add_facts(key, facts)
    return made


def of_store(store: Any, graph: Any) -> Examples:
    keys = list(graph["patient"].key)
    labels = store.keys_and_labels()
    high = [float(int(str(labels[key])[1:]) * 7 % 10 > 4) for key in keys]
    return Examples(
        tuple(keys), {}, Target.labelled("binary", high), graph=graph, rows=np.arange(len(keys))
    )


def test_a_store_s_graph_and_that_of_another_store(tmp_path: Path) -> None:
    store = store_of(tmp_path / "one", 0, 30)
    whole = of_store(store, to_hetero(store))
    model = make_model("hetero-sage", **{**SMALL, "epochs": 40}).fit(whole)
    model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert isinstance(again, HeteroModel)
    other = store_of(tmp_path / "two", 100, 10)
    graph = to_hetero(other, like=again.graph_scaler)
    held = of_store(other, graph)
    assert roc_auc_score(held.outcome().label, again.predict(held).risk) > 0.9
    told = again.explain(held.take([3]), steps=16)
    own = {one for one in told.addresses["graph"] if held.keys[3] in one}
    assert sum("/clinical/" in one for one in own) == 2 or len(own) == 3


def test_a_graph_is_made_of_the_features_where_none_is_given(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    keys = [f"p{k}" for k in range(90)]
    clinical = pd.DataFrame({"age": rng.normal(60, 9, 90)}, index=keys)
    rna = pd.DataFrame(rng.normal(size=(90, 8)), index=keys).add_prefix("g")
    rna.iloc[::5] = np.nan
    target = Target.labelled(
        "binary", (rna["g0"].fillna(0) + rna["g1"].fillna(0) > 0).astype(float)
    )
    whole = Examples.of_frames({"clinical": clinical, "rna": rna}, target)
    model = make_model("hetero-sage", **{**SMALL, "fuse": False}).fit(whole.take(np.arange(60)))
    held = whole.take(np.arange(60, 90))
    told = model.predict(held).risk
    assert roc_auc_score(held.outcome().label, told) > 0.8
    # alone, after others have changed, and from a file
    assert np.abs(model.predict(held.take([7])).risk - told[7]).max() < 1e-5
    model.save(tmp_path / "model")
    assert np.abs(load_model(tmp_path / "model").predict(held).risk - told).max() < 1e-6
    assert np.isfinite(model.predict(held.only(["clinical"])).risk).all()
    # a graph that somebody else made is not read by this model
    assert np.array_equal(model.predict(graph_of_examples(held, np.arange(30))).risk, told)


def test_what_was_trained_on_a_given_graph_needs_one() -> None:
    whole = examples_of(*graph_of(40))
    model = make_model("hetero-sage", **{**SMALL, "epochs": 1}).fit(whole)
    with pytest.raises(ModelError, match="graph"):
        model.predict(Examples(whole.keys, whole.blocks, whole.target))
