"""Messages over the patient graph: a label that only a neighbour node knows; nobody else's word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

torch = pytest.importorskip("torch")
pytest.importorskip("torch_geometric")
pytest.importorskip("lightning")

from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.hetero_model import HeteroModel
from graphs.models.load_model import load_model
from graphs.models.models import make_model
from graphs.models.owners import owners

SMALL = {"epochs": 25, "hidden": 16, "learning_rate": 0.01, "dropout": 0.1}
MODELS = ["hetero-sage", "hgt"]


def graph_of(count: int = 160, seed: int = 0, similar: bool = True) -> tuple[Any, np.ndarray]:
    """Patients with lesions, whose size makes the label, in organs that patients share."""
    from torch_geometric.data import HeteroData

    rng = np.random.default_rng(seed)
    each = rng.integers(1, 4, count)
    owner = np.repeat(np.arange(count), each)
    size = rng.normal(size=len(owner))
    total = np.bincount(owner, size)
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
    return data, (total > np.median(total)).astype(float)


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
    assert roc_auc_score(held.outcome().label, model.predict(held).risk) > 0.85


def test_without_the_graph_it_is_chance() -> None:
    whole = examples_of(*graph_of())
    model = make_model("patient-knn", epochs=20, members=1).fit(whole.take(np.arange(110)))
    held = whole.take(np.arange(110, 160))
    assert roc_auc_score(held.outcome().label, model.predict(held).risk) < 0.75


def test_nobody_else_matters(fitted: tuple[HeteroModel, Examples]) -> None:
    model, whole = fitted
    held = whole.take(np.arange(110, 160))
    told = model.predict(held).risk
    alone = np.concatenate([model.predict(held.take([k])).risk for k in range(len(held))])
    assert np.abs(told - alone).max() < 1e-5
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
    assert roc_auc_score(label, risk) > 0.8
    bare = graph.subgraph({"lesion": torch.zeros(len(graph["lesion"].x), dtype=torch.bool)})
    assert np.isfinite(model.predict(examples_of(bare, label)).risk).all()
    del bare["lesion"], bare["organ"]
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


def test_a_graph_is_needed() -> None:
    whole = examples_of(*graph_of(20))
    with pytest.raises(ModelError, match="graph"):
        make_model("hetero-sage").fit(Examples(whole.keys, whole.blocks, whole.target))
