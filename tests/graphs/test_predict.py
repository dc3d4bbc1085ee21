from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.address import Address
from explorer.derived import derived
from explorer.ingest import ingest
from explorer.sample_tables import sample_tables
from explorer.store import Store
from graphs.assemble import assemble
from graphs.errors import ExamplesError, ModelError
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.hetero.of_graph import of_graph
from graphs.hetero.wanted import Wanted
from graphs.models.refits import refits
from graphs.predict import predict
from graphs.predictions import predictions
from graphs.scenes import scenes

pytest.importorskip("sksurv")

from graphs.models.ridge_cox import RidgeCox

NASTY = "<script>alert(1)</script>"


def _examples(keys: list[str], seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.normal(60, 9, len(keys)), NASTY: rng.normal(size=len(keys))},
                         index=keys)  # fmt: skip
    time = rng.exponential(np.exp(-frame[NASTY].to_numpy()))
    block = Block.of("clinical", frame, address=lambda key, name: (
        f"onco:{key}/patients/{key}" if name == "age" else f"onco:{key}/facts/nothing"
    ))  # fmt: skip
    return Examples(
        tuple(keys), {"clinical": block},
        Target.survival(time, rng.random(len(keys)) < 0.8, "months", "overall survival"),
        snapshot="a state",
    )  # fmt: skip


@pytest.fixture(scope="module")
def model() -> RidgeCox:
    made = RidgeCox(narrow=10.0).fit(_examples([f"train {n}" for n in range(80)]))
    made.about = {"task": "overall survival", "unit": "months", "horizon": 0.7,
                  "snapshot": "training", "trained_on": ["train 1"]}  # fmt: skip
    return made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three real patients of the bundled table of TCGA."""
    table = sample_tables()["tcga_clinical"] / "clinical_data.tsv.gz"
    (tmp_path / "files").mkdir()
    pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False, nrows=3).to_csv(
        tmp_path / "files" / "clinical_data.tsv", sep="\t", index=False
    )
    ingest(tmp_path / "files", tmp_path / "tcga.onco")
    return explorer.open(tmp_path / "tcga.onco")


def test_an_answer_without_a_store(model: RidgeCox) -> None:
    examples = _examples(["train 1", "other"], 1)
    found = predict(model, examples, keep=False)
    answers = model.predict(examples)
    assert [one.value for one in found] == answers.risk.tolist()
    event = answers.event_by(0.7)
    assert event is not None
    assert [one.probability for one in found] == event.tolist()
    assert found[0].probability_of == "the event up to 0.7 months"
    assert found[0].lower is None
    assert "no ensemble was given" in found[0].interval
    assert found[0].seen.startswith("trained on")
    assert "not trained on" in found[1].seen
    assert found[0].words.startswith("Predicted, not measured")
    assert found[0].provenance.checkpoint == model.sha256
    assert NASTY not in found._repr_html_() + found[0]._repr_html_()
    with pytest.raises(ExamplesError, match="kept nowhere"):
        predict(model, examples)
    with pytest.raises(ModelError, match="not fitted"):
        predict(RidgeCox(), examples, keep=False)


def test_refits_give_an_interval(model: RidgeCox) -> None:
    train = _examples([f"train {n}" for n in range(80)])
    others = refits(model, train, 6)
    assert len({one.sha256 for one in others}) == 6
    found = predict(model, _examples(["one", "two"], 1), keep=False, ensemble=others)
    for one in found:
        assert one.lower is not None
        assert one.upper is not None
        assert one.lower < one.value < one.upper
        assert "6 models" in one.interval
    # it is as wide as the refits say: the standard error of the weights in Cox's own formula
    assert 0.05 < (found[0].upper or math.nan) - found[0].value < 2
    with pytest.raises(ModelError, match="ensemble"):
        predict(model, train, keep=False, ensemble=others[:2])


def test_it_is_kept_flagged_and_replaced(model: RidgeCox, store: Store) -> None:
    keys = list(store.keys_and_labels())
    examples = _examples(keys, 2)
    before = {name: len(store[keys[0]].rows(name)) for name in ("facts", "observations", "events")}
    kept = predict(model, examples, store=store)
    assert len(kept) == len(keys)
    patient = store[keys[0]]
    (one,) = predictions(patient)
    assert one == kept[0]
    assert {name: len(patient.rows(name)) for name in before} == before
    # an address of its own, and those of the evidence
    target = Address.parse(one.address).resolve(store)
    assert target.value.iloc[0]["assertion"] == "predicted"
    assert {item.address.partition("/")[2] for item in one.evidence} == {
        f"patients/{keys[0]}", "facts/nothing",
    }  # fmt: skip
    (run,) = [row for row in derived(patient, "runs") if row["kind"] == "prediction"]
    assert (run["producer"], run["checkpoint"]) == ("ridge-cox", model.sha256)
    # shown as predicted, and as nothing else
    graph = assemble(patient)
    (node,) = graph.of_kind("prediction")
    about = graph.nodes[node]
    assert about["predicted"] is True
    assert about["number"] == one.value
    (edge,) = [e for _, _, e in graph.out_edges(node, data=True)]
    assert edge["kind"] == "rests_on"
    tables = of_graph(graph, Wanted())  # and no feature of a graph network
    assert {"patient", "fact"} <= set(tables.nodes)
    assert not {"prediction", "evidence"} & set(tables.nodes)
    assert not assemble(patient, known_on=10_000).of_kind("prediction")
    assert not any("predict" in str(scene.producer.name) for scene in scenes(patient))
    html = patient._repr_html_()
    assert "predicted, not measured" in html
    assert NASTY not in html
    # the same checkpoint replaces, another stands beside
    predict(model, _examples(keys, 3), store=store)
    assert len(predictions(store[keys[0]])) == 1
    assert predictions(store[keys[0]])[0].value != one.value
    other = RidgeCox(narrow=100.0, seed=1).fit(_examples([f"train {n}" for n in range(60)]))
    other.about = dict(model.about)
    predict(other, examples, store=store)
    both = predictions(store[keys[0]], task="overall survival")
    assert [(item.provenance.checkpoint, item.current) for item in both] == [
        (other.sha256, True), (model.sha256, False),
    ]  # fmt: skip
    assert len(predictions(store[keys[0]], every=False)) == 1
    assert not predictions(store[keys[0]], task="another")
