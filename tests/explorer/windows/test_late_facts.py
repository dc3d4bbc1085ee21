"""Features from after the index day, and outcomes, are found with their addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.address import Address
from explorer.ingest import ingest
from explorer.sample_tables import sample_tables
from explorer.store import Store
from explorer.tasks.labels import labels
from explorer.tasks.task import Task
from explorer.tasks.tasks import bundled
from explorer.windows.late_facts import late_facts
from explorer.windows.row_places import LATE_END, OUTCOME

WINDOW = {"index": "treatment", "look_back": 30, "outcome": [10, 100], "gap": 2}
HOSTILE = "<img src=x onerror=alert(1)>"


def _store(make: Any) -> Store:
    lab = [{"name": "crp", "days": 5 + d} for d in (-31, -30, -2, -1, 0, 1, 10, 11, 100, 101)]
    facts = [*lab, {"name": HOSTILE}, {"name": "sex"}, {"name": "Vital_Status"}]
    events = [
        {"kind": "treatment", "name": "drug", "days": 5},
        {"kind": "admission", "name": "ward", "days": 0, "end_days": 40},
        {"kind": "admission", "name": "day", "days": 0, "end_days": 2},
    ]
    store: Store = make({"a": {"facts": facts, "events": events}, "none": {"facts": lab[:1]}})
    return store


def test_each_place(make: Any) -> None:
    store = _store(make)
    task = Task("t", "binary", window=WINDOW, known_at_index=("sex",))
    found = late_facts(store.cohort(), task)
    facts = found.rows[found.rows["table"] == "facts"]
    assert facts[facts["what"] == "crp"]["offset"].tolist() == [-1, 0, 1, 10, 11, 100, 101]
    assert facts["place"].tolist() == [
        "gap", "gap", "after the index", "after the index", "outcome window", "outcome window",
        "after the outcome window", OUTCOME,
    ]  # fmt: skip
    ends = found.rows[found.rows["place"] == LATE_END]
    assert ends["what"].tolist() == ["admission:ward"]
    ward = Address.parse(ends["address"].iloc[0]).resolve(store).value
    assert ward["name"].tolist() == ["ward"]
    unknown = {row.what: row.why for row in found.cannot_tell.itertuples()}
    assert unknown["crp"] == "the index: absent: no row fits"
    assert set(unknown) == {"crp", HOSTILE}
    assert not found.ok
    assert bool(found)
    assert "<img" not in found._repr_html_()
    assert "<img" not in found.windowed._repr_html_()
    counts = found.windowed.counts.loc["facts"]
    assert counts.sum() == 14
    assert counts["look-back"] == 2
    assert counts["cannot tell"] == 4


def test_only_the_inputs_are_looked_at(make: Any) -> None:
    cohort = _store(make).cohort().among(["a"])
    task = Task("t", "binary", inputs=("events: day", "facts: sex"), window=WINDOW,
                known_at_index=("sex",))  # fmt: skip
    found = late_facts(cohort, task)
    assert found.ok
    assert found.checked == {"facts": 1, "events": 1}
    never = Task("t", "binary", inputs=("facts: sex",), window=WINDOW, never=("s?x",))
    assert late_facts(cohort, never).counts == {OUTCOME: 1}


@pytest.fixture(scope="module")
def tcga(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Store]:
    """Every 16th of the 11,081 real patients."""
    folder = tmp_path_factory.mktemp("tcga")
    table = sample_tables()["tcga_clinical"] / "clinical_data.tsv.gz"
    data = pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False).iloc[::16]
    (folder / "files").mkdir()
    data.to_csv(folder / "files" / "clinical_data.tsv", sep="\t", index=False)
    ingest(folder / "files", folder / "tcga.onco")
    frame = pd.read_csv(folder / "files" / "clinical_data.tsv", sep="\t",
                        float_precision="round_trip").set_index("submitter_id")  # fmt: skip
    return frame, explorer.open(folder / "tcga.onco")


def test_real_outcome_columns_are_never_features(tcga: tuple[pd.DataFrame, Store]) -> None:
    frame, store = tcga
    task = bundled()[0]
    found = late_facts(store.cohort(), task)
    columns = {"vital_status", "days_to_death", "days_to_last_follow_up", "time", "event"}
    leaks = found.rows[found.rows["table"] == "facts"]["what"].value_counts()
    assert columns <= set(found.outcomes["facts"])
    assert all(leaks[name] == len(frame) for name in columns)
    assert not columns & set(found.cannot_tell["what"])
    assert found.cannot_tell.empty


def test_real_labels_are_those_of_pandas(tcga: tuple[pd.DataFrame, Store]) -> None:
    frame, store = tcga
    cohort = store.cohort()
    survival, five, stage = (labels(cohort, task) for task in bundled()[:3])
    rows = frame.loc[[cohort.labels[key] for key in cohort.keys]]
    dead = (rows.vital_status == "Dead").to_numpy()
    days = rows.days_to_death.where(dead, rows.days_to_last_follow_up).to_numpy()
    assert survival["time"].to_numpy() == pytest.approx(days)
    assert (survival["event"].to_numpy(bool) == dead).all()
    assert (five["label"] == 1).sum() == (dead & (days > 0) & (days <= 1826)).sum()
    assert (five["label"] == 0).sum() == ((days > 1826) | ((days == 1826) & ~dead)).sum()
    assert (five["state"] == "censored").sum() == (~dead & (days < 1826)).sum()
    assert stage["label"].dropna().value_counts().to_dict() == (
        rows.tumor_stage.dropna().value_counts().to_dict()
    )
    one = Address.parse(survival["address"].iloc[0]).resolve(store).value.iloc[0]
    assert one["number"] == days[0]


def test_isles_outcome_at_three_months_is_never_a_feature(tmp_path: Path) -> None:
    """The folder form of ISLES 2024 with phantoms (synthetic)."""
    root = tmp_path / "isles"
    series = {
        "ses-01": ["anat/ncct", "anat/cta", "perf/ctp", "perf/tmax", "perf/cbf"],
        "ses-02": ["dwi/dwi", "dwi/adc", "anat/flair", "anat/t1w", "anat/t2w"],
    }
    for subject in ("sub-stroke0001", "sub-stroke0002"):
        for session, names in series.items():
            listed = ["filename\tacq_time"]
            for name in names:
                if subject == "sub-stroke0002" and name.startswith("perf"):
                    continue
                kind, _, suffix = name.partition("/")
                path = root / subject / session / kind / f"{subject}_{session}_{suffix}.nii.gz"
                path.parent.mkdir(parents=True, exist_ok=True)
                nib.save(nib.Nifti1Image(np.ones((2, 3, 4), np.int16), np.eye(4)), path)
                listed.append(f"{kind}/{path.name}\tn/a")
            scans = root / subject / session / f"{subject}_{session}_scans.tsv"
            scans.write_text("\n".join(listed) + "\n")
    about = {"Name": "phantoms", "BIDSVersion": "1.10.0"}
    (root / "dataset_description.json").write_text(json.dumps(about))
    (root / "participants.tsv").write_text(
        "participant_id\tage\tsex\tnihss_admission\tmrs_3months\n"
        "sub-stroke0001\t71\tF\t9\t3\nsub-stroke0002\t55\tM\t4\t1\n"
    )
    ingest(root, tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    one, two = store["sub-stroke0001"], store["sub-stroke0002"]
    sessions = [json.loads(row["meta"])["session"] for row in one.rows("items")]
    assert sorted(sessions) == ["ses-01"] * 5 + ["ses-02"] * 5
    states = {(row["value"], row["name"]): row["state"] for row in two.rows("events")
              if row["kind"] == "acquisition"}  # fmt: skip
    assert states["ses-01", "perf"] == "not acquired"
    task = Task(
        "isles", "binary", inputs=("CT", "facts"), outcome={"fact": "mrs_3months", "threshold": 3},
        known_at_index=("age", "sex", "nihss_admission"), metrics={"AUROC": "higher"},
    )  # fmt: skip
    cohort = store.cohort()
    assert labels(cohort, task)["label"].tolist() == [1, 0]
    other = Task("lesion", "segmentation", inputs=("facts",), outcome={"segments": "lesion*"},
                 known_at_index=("age", "sex", "nihss_admission"))  # fmt: skip
    for each in (task, other):  # also where another thing is predicted
        rows = late_facts(cohort, each).rows
        leaks = rows[rows["table"] == "facts"]
        assert set(leaks["what"]) == {"mrs_3months"}
        assert len(leaks) == 2
