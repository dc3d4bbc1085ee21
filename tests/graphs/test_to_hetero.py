"""The patient graph as tensors: what is known, of whom, and learnt of whom."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.errors import NotFoundError
from explorer.run_draft import RunDraft
from graphs.assemble import assemble
from graphs.errors import ExamplesError
from graphs.examples.examples import Examples
from graphs.hetero.hetero_scaler import HeteroScaler
from graphs.hetero.node_of import node_of
from graphs.to_hetero import to_hetero

torch: Any = pytest.importorskip("torch")
pytest.importorskip("torch_geometric")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> explorer.Store:
    """Eight patients of a clinical table's kind."""
    made = explorer.open(tmp_path_factory.mktemp("hetero") / "patients.onco", create=True)
    with made.transaction("synthetic") as t:
        for n in range(8):
            key = t.patient(f"P{n}", sex="F" if n % 2 else "M", synthetic=True)
            stage = {"value": "I" if n < 6 else "IV", "date": "2020-01-01", "synthetic": True}
            age = {"value": str(40 + n), "number": 40.0 + n, "unit": "years"}
            if n == 3:
                age |= {"value": None, "number": None, "state": "not acquired"}
            when = {"date": "2020-01-02", "synthetic": True}
            t.add_facts(key, [{"name": "age", **age, **when}, {"name": "stage", **stage}])
            t.replace_rows(key, "events", [
                {"kind": "treatment", "name": "surgery", "date": "2020-02-01", "state": "present",
                 "origin": "table-1", "synthetic": True},
                {"kind": "outcome", "name": "overall survival", "value": "event", "number": 365.0,
                 "date": "2021-01-01", "state": "present", "origin": "table-1",
                 "synthetic": True},
            ])  # fmt: skip
    return made


def keys(store: explorer.Store) -> list[str]:
    return sorted(store.keys_and_labels())


def column(data: Any, kind: str, name: str) -> Any:
    return data[kind].x[:, data.scaler.columns(kind).index(name)]


def codes(data: Any, kind: str, name: str) -> list[int]:
    place = list(data.scaler.words[kind]).index(name)
    return data[kind].category[:, place].tolist()


def test_what_is_not_known_is_masked_and_has_its_state(store: explorer.Store) -> None:
    data = to_hetero(store)
    assert set(data.node_types) == {"patient", "fact", "treatment"}
    fact = data["fact"]
    named = codes(data, "fact", "name")
    ages = [k for k, code in enumerate(named) if code == min(named)]
    known = fact.x_mask[ages, 0]
    assert int(known.sum()) == 7
    assert fact.state[ages][~known].tolist() == [3]
    assert column(data, "fact", "number")[ages][~known].tolist() == [0]
    assert abs(float(column(data, "fact", "number")[ages][known].mean())) < 1e-6
    assert bool(fact.synthetic.all())
    assert fact.patient.tolist() == data["patient", "has", "fact"].edge_index[0].tolist()


def test_nothing_is_learnt_of_others_than_training_patients(store: explorer.Store) -> None:
    some = keys(store)[:5]
    whole = to_hetero(store, train=some)
    alone = to_hetero([store[key] for key in some])
    plain = whole.scaler.plain()
    assert plain == alone.scaler.plain()
    again = HeteroScaler.of(json.loads(json.dumps(plain)))
    assert again.plain() == plain
    mask = np.isin(keys(store), some)
    assert to_hetero(store, train=mask).scaler.plain() == plain


def test_what_was_learnt_is_applied_to_others(store: explorer.Store) -> None:
    first, second = keys(store)[:5], keys(store)[5:]
    whole = to_hetero(store, train=first)
    other = to_hetero([store[key] for key in second], like=whole)
    assert other.metadata() == whole.metadata()
    later = torch.isin(whole["fact"].patient, torch.arange(5, 8))
    place = other["fact"].address.places(whole["fact"].address)[later.numpy()]
    for name in ("x", "x_mask", "category", "state"):
        assert torch.equal(other["fact"][name][place], whole["fact"][name][later])
    only = to_hetero(store, like=to_hetero(store, kinds=["fact"]).scaler)
    assert set(only.node_types) == {"patient", "fact"}
    assert only.left_out == {"treatment": 8, ("patient", "has", "treatment"): 8}
    none = to_hetero(store, kinds=["treatment"], like=whole)
    assert none["fact"].x.shape == (0, 2)
    assert none.metadata() == whole.metadata()


def test_outcomes_and_what_is_left_out_are_no_nodes(store: explorer.Store) -> None:
    assert "outcome" in to_hetero(store, kinds=["fact", "outcome"]).node_types
    data = to_hetero(store, without={"facts": ["stage"]})
    assert not any("stage" in one for one in data["fact"].address)
    assert len(data["fact"].address) == 8


def test_an_index_date_holds(store: explorer.Store) -> None:
    data = to_hetero(store, known_on="2020-01-01")
    assert len(data["fact"].address) == 8
    assert data.later == {"fact": 8, "treatment": 8, "outcome": 8}
    assert data.known_on == "2020-01-01"
    assert data.cannot_tell.num_rows == 0
    undated = to_hetero(store, known_on="treatment")
    why = "a treatment has no day, so the first one is not known"
    assert undated.cannot_tell["why"].to_pylist() == [why] * 32


def test_addresses_lead_both_ways(store: explorer.Store) -> None:
    data = to_hetero(store)
    for kind in data.node_types:
        for place, address in enumerate(data[kind].address):
            assert node_of(data, address) == (kind, place)
            assert address.startswith(f"onco:{data['patient'].key[data[kind].patient[place]]}/")
    with pytest.raises(NotFoundError):
        node_of(data, "onco:nobody/facts/age")


def test_patients_are_given_modalities_with_masks_of_their_own(store: explorer.Store) -> None:
    frame = pd.DataFrame({"g1": np.arange(8.0), "g2": np.arange(8.0)}, index=keys(store))
    frame.iloc[[1, 2]] = np.nan
    examples = Examples.of_frames({"rna": frame, "clinical": frame[["g1"]].fillna(0)})
    data = to_hetero(store, {"patient": examples}, train=keys(store)[:6])
    place = data.scaler.slices("patient")
    assert list(place) == ["rna", "clinical"]
    mask = data["patient"].x_mask[:, place["rna"]]
    assert (~mask).any(dim=1).nonzero()[:, 0].tolist() == [1, 2]
    assert float(data["patient"].x[:6, place["rna"]][[0, 3, 4, 5]].mean()) == pytest.approx(0)
    assert data["patient"].x[1, place["rna"]].tolist() == [0, 0]
    other = to_hetero([store[keys(store)[7]]], {"patient": examples}, like=data)
    assert torch.equal(other["patient"].x[0], data["patient"].x[7])
    hidden = to_hetero([store[keys(store)[7]]], like=data)
    assert not bool(hidden["patient"].x_mask[:, place["rna"]].any())


def test_nodes_are_given_features_by_address(store: explorer.Store) -> None:
    plain = to_hetero(store)
    frame = pd.DataFrame({"length": [3.0]}, index=[plain["fact"].address[4]])
    data = to_hetero(store, {"fact": {"words": frame, "all": lambda a: np.ones((len(a), 2))}})
    assert data.scaler.columns("fact") == ["number", "day", "words: length", "all: 0", "all: 1"]
    assert data["fact"].x_mask[:, 2].nonzero()[:, 0].tolist() == [4]
    assert bool(data["fact"].x_mask[:, 3:].all())
    with pytest.raises(ExamplesError, match="shape"):
        to_hetero(store, {"fact": lambda a: np.ones((3, 2))})
    with pytest.raises(ExamplesError, match="No nodes"):
        to_hetero(store, {"lesion": frame})


def test_what_a_model_predicted_is_no_feature(store: explorer.Store, tmp_path: Path) -> None:
    other = explorer.open(tmp_path / "predicted.onco", create=True)
    with other.transaction("synthetic") as t:
        key = t.patient("Anna", synthetic=True)
        t.add_facts(key, [{"name": "age", "value": "60", "number": 60.0, "synthetic": True}])
    with other.transaction("predicted") as t:
        row = {"name": "Risk", "number": 0.7, "synthetic": True}
        draft = RunDraft("risk", "a model", "1", "reports/r-1", observations=[row],
                         detail={"predicted": True})  # fmt: skip
        t.put_run(key, draft)
    assert set(to_hetero(other).node_types) == {"patient", "fact"}
    assert "measurement" in to_hetero(other, predicted=True).node_types
    assert "measurement" in assemble(other).counts()


def test_what_does_not_fit_is_refused(store: explorer.Store) -> None:
    data = to_hetero(store)
    with pytest.raises(ExamplesError, match="Both"):
        to_hetero(store, train=keys(store), like=data)
    with pytest.raises(ExamplesError, match="not there"):
        to_hetero(store, train=["nobody"])
    with pytest.raises(ExamplesError, match="mask"):
        to_hetero(store, train=np.ones(3, bool))
    with pytest.raises(ExamplesError, match="index date"):
        to_hetero(assemble(store), known_on=3)
