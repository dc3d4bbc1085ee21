"""Questions to real patients of TCGA, against pandas; RNA and slides of some are made up."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pandas as pd
import pytest

import explorer
from explorer.ingest import ingest
from explorer.sample_tables import sample_tables
from explorer.store import Store

STAGES = ("stage iii", "stage iiia", "stage iiib", "stage iiic")


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Every twentieth row of the bundled table, and every fourth of LUAD."""
    whole = pd.read_csv(
        sample_tables()["tcga_clinical"] / "clinical_data.tsv.gz", sep="\t", dtype=str,
        keep_default_na=False,
    )  # fmt: skip
    luad = whole["project_id"] == "LUAD"
    return pd.concat([whole[~luad].iloc[::20], whole[luad].iloc[::4]]).reset_index(drop=True)


@pytest.fixture(scope="module")
def file(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tcga") / "clinical_data.tsv.gz"
    with gzip.open(path, "wt") as out:
        frame.to_csv(out, sep="\t", index=False)
    return path


@pytest.fixture(scope="module")
def store(frame: pd.DataFrame, file: Path) -> Store:
    place = file.parent / "tcga.onco"
    ingest(file, place)
    store = explorer.open(place)
    keys = {label: key for key, label in store.keys_and_labels().items()}
    luad = frame.loc[frame["project_id"] == "LUAD", "submitter_id"].tolist()
    with store.transaction("made up: RNA of every second, slides of every third") as t:
        t.begin([keys[name] for name in luad])
        for name in luad[::2]:
            rna = {"name": "rna", "values": [1.0, 2.0], "state": "present", "synthetic": True}
            t.replace_rows(keys[name], "vectors", [rna])
        for name in luad[::3]:
            slide = {"item": "slide-1", "kind": "slide", "modality": "SM", "state": "present",
                     "storage": "copied", "acquired": None, "synthetic": True}  # fmt: skip
            t.replace_rows(keys[name], "items", [slide])
    return store


def test_luad_stage_three_rna_and_slide_are_those_of_pandas(
    store: Store, frame: pd.DataFrame
) -> None:
    names = frame.loc[frame["project_id"] == "LUAD", "submitter_id"].tolist()
    expected = frame[
        (frame["project_id"] == "LUAD") & frame["tumor_stage"].isin(STAGES)
        & frame["submitter_id"].isin(names[::2]) & frame["submitter_id"].isin(names[::3])
    ]  # fmt: skip
    found = (
        store.cohort()
        .with_fact("project_id = LUAD")
        .with_fact("tumor_stage ilike 'stage iii%'")
        .having("RNA")
        .having("slide")
    )
    assert len(expected) > 2
    assert set(found.labels.values()) == set(expected["submitter_id"])
    assert found.steps[0].left == len(names)
    assert found.steps[0].why == {"another value": len(frame) - len(names)}
    assert len(found.synthetic(False)) == 0


def test_each_value_traces_to_file_hash_and_row(
    store: Store, frame: pd.DataFrame, file: Path
) -> None:
    found = store.cohort().with_fact("project_id = LUAD").with_fact("tumor_stage = 'stage iiia'")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    rows = found.rows("facts", ["name", "value", "column", "source", "sha256", "row"]).to_pylist()
    stages = [row for row in rows if row["name"] == "tumor_stage"]
    assert len(stages) == len(found) > 2
    for row in stages:
        line = frame.iloc[row["row"] - 1]
        assert row["sha256"] == digest
        assert row["source"].endswith(file.name)
        assert line["submitter_id"] == found.labels[row["patient"]]
        assert line[row["column"]] == row["value"]


def test_numbers_states_and_follow_up_are_those_of_pandas(
    store: Store, frame: pd.DataFrame
) -> None:
    age = pd.to_numeric(frame["age_at_diagnosis"], errors="coerce")
    found = store.cohort().with_fact("age_at_diagnosis between 20000 and 25000")
    assert len(found) == age.between(20000, 25000).sum()
    assert found.steps[0].why["no value: unknown"] == age.isna().sum()
    kept = store.cohort().with_fact("age_at_diagnosis > 25000", missing="unknown")
    assert len(kept) == (age > 25000).sum() + age.isna().sum()
    days = frame[["days_to_death", "days_to_last_follow_up"]].apply(pd.to_numeric).max(axis=1)
    followed = store.cohort().followed(730)
    assert len(followed) == (days >= 730).sum()
    dead = frame["vital_status"] == "Dead"
    until = store.cohort().followed(730, or_died=True)
    assert len(until) == ((days >= 730) | (dead & days.notna())).sum()
    counted = store.cohort().counts("sex").set_index("value")["patients"]
    assert counted.to_dict() == frame["gender"].str[0].str.upper().value_counts().to_dict()
