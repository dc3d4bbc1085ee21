"""Features of a store as examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import explorer
import graphs
from explorer.ingest import ingest
from explorer.store import Store
from explorer.tasks.task import Task
from explorer.tasks.tasks import bundled
from graphs.errors import ExamplesError
from graphs.evaluation.fold import make_folds
from graphs.features.spec import Spec

AXES = {"features-1": ("rna", ["TP53", "EGFR"])}


def test_real_patients_with_their_survival(tcga: tuple[pd.DataFrame, Store]) -> None:
    frame, store = tcga
    cohort = store.cohort()
    found = graphs.features(cohort, task=bundled()[0])
    rows = frame.loc[[cohort.labels[key] for key in found.keys]]
    assert found.modalities == ("clinical",)
    assert found.snapshot == cohort.digest
    target = found.outcome()
    dead = (rows["vital_status"] == "Dead").to_numpy()
    assert target.kind == "survival"
    assert (target.event == dead).all()
    days = rows["days_to_death"].where(dead, rows["days_to_last_follow_up"]).to_numpy()
    assert target.time == pytest.approx(days, nan_ok=True)
    assert (found.about["sex"] == np.where(rows["gender"] == "female", "F", "M")).all()
    assert "age group" in found.about
    outcomes = found.left_out[found.left_out["why"].str.startswith("an outcome")]["what"]
    assert {"vital_status", "days_to_death", "time", "event", "group"} <= set(outcomes)
    assert "days_to_death" in found._repr_html_()
    assert len(found.take([0, 1]).left_out) == len(found.left_out)


def test_a_spec_says_what_is_wanted(made: Any, tmp_path: Path) -> None:
    said = {
        "facts": [{"name": "age", "number": 60.5}, {"name": "sex", "value": "f"}],
        "vectors": [{"name": "rna", "features": "features-1", "values": [1.0, 2.0]}],
    }
    cohort = made({"a": said, "b": {"facts": [{"name": "sex", "value": "m"}]}}, AXES).cohort()
    assert graphs.features(cohort).modalities == ("clinical", "rna")
    sets = tmp_path / "sets.csv"
    sets.write_text("GROWTH\nEGFR\n")
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "age: {from: facts, names: [a*]}\n"
        f"genes: {{from: vectors, name: rna, signatures: {sets}}}\n"
    )
    found = graphs.features(cohort, spec)
    assert found.modalities == ("age", "genes")
    assert found.blocks["age"].names == ("age",)
    assert found.blocks["genes"].groups == {"GROWTH": ["EGFR"]}  # type: ignore[union-attr]
    assert found.target is None
    again = graphs.features(cohort.among(["b"]), spec, like=found)
    assert again.blocks["age"].names == ("age",)
    assert not again.present.any()
    assert Spec.of(spec).plain()["age"] == {"from": "facts", "names": ["a*"]}


@pytest.mark.parametrize(
    "spec",
    [{}, [], {"x": {"from": "nowhere"}}, {"x": {"from": "facts", "how": 1}}, {"x": "facts"},
     {"x": {"from": "vectors"}}],
)  # fmt: skip
def test_what_is_no_spec(spec: Any) -> None:
    with pytest.raises(ExamplesError):
        Spec.of(spec)


def test_nothing_is_there(made: Any) -> None:
    cohort = made({"a": {"facts": [{"name": "vital_status", "value": "dead"}]}}).cohort()
    with pytest.raises(ExamplesError, match="Nothing is there"):
        graphs.features(cohort, task=Task("t", "binary"))


def test_folds_go_by_what_patients_are_called(
    tcga: tuple[pd.DataFrame, Store], tmp_path: Path
) -> None:
    frame, store = tcga
    (tmp_path / "files").mkdir()
    frame.iloc[:60].to_csv(tmp_path / "files" / "clinical_data.tsv", sep="\t")
    ingest(tmp_path / "files", tmp_path / "again.onco")
    spec = {"clinical": {"from": "facts", "names": ["age_at_diagnosis"]}}

    def tested(one: Any) -> list[set[str]]:
        examples = graphs.features(one.cohort(), spec, task=bundled()[0]).known()
        some = examples.take([label in set(frame.index[:60]) for label in examples.labels])
        return [{some.labels[k] for k in fold.test} for fold in make_folds(some, 3, seed=1)]

    first, again = tested(store), tested(explorer.open(tmp_path / "again.onco"))
    assert first == again
