"""BIDS-like folders: visits, people, and what was not acquired (made-up volumes)."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from explorer.ingest import ingest
from explorer.patient import Patient
from explorer.readers.bids import BidsReader
from explorer.readers.reader import Reader
from explorer.store import Store

SERIES = {
    "ses-01": ["anat/ncct", "anat/cta", "perf/ctp", "anat/t1w", "anat/t2w"],
    "ses-02": ["dwi/dwi", "dwi/adc", "anat/flair", "anat/t1w", "anat/t2w"],
}


def volume(path: Path, value: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(np.full((2, 3, 4), value, np.int16), np.diag([-1.0, -2, 3, 1])), path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "isles"
    for subject in ("sub-01", "sub-02", "sub-03"):
        for session, names in SERIES.items():
            for name in names:
                kind, suffix = name.split("/")
                if subject != "sub-01" and kind == "perf":
                    continue
                volume(root / subject / session / kind / f"{subject}_{session}_{suffix}.nii.gz")
    (root / "dataset_description.json").write_text(
        json.dumps({"Name": "made up", "BIDSVersion": "1.10.0"})
    )
    (root / "participants.tsv").write_text(
        "participant_id\tage\tsex\tmrs_3months\nsub-01\t71\tF\t3\nsub-02\tn/a\tM\tn/a\n"
        "sub-03\t55\tM\t1\nnobody\t1\tM\t1\n"
    )
    (root / "sub-02" / "sub-02_sessions.tsv").write_text(
        "session_id\tacq_time\nses-01\t2019-03-01T10:00:00\nses-02\tn/a\n"
    )
    (root / "sub-02" / "ses-01" / "sub-02_ses-01_scans.tsv").write_text(
        "filename\tacq_time\nanat/sub-02_ses-01_ncct.nii.gz\t2019-03-01T10:00:00\n"
    )
    return root


def states(patient: Patient) -> dict[tuple[Any, Any], Any]:
    rows = [row for row in patient.rows("events") if row["kind"] == "acquisition"]
    return {(row["value"], row["name"]): row["state"] for row in rows}


def test_is_a_reader() -> None:
    assert isinstance(BidsReader(), Reader)


def test_two_visits_of_five_series_and_what_was_not_acquired(folder: Path, tmp_path: Path) -> None:
    result = ingest(folder, tmp_path / "s.onco")
    assert result.counts["refused"] == 0
    store = Store(tmp_path / "s.onco")
    assert sorted(store) == ["sub-01", "sub-02", "sub-03"]
    one, two, three = (store[name] for name in sorted(store))
    sessions = [json.loads(row["meta"])["session"] for row in one.rows("items")]
    assert sorted(sessions) == ["ses-01"] * 5 + ["ses-02"] * 5
    assert states(one)["ses-01", "perf"] == "present"
    assert states(two)["ses-01", "perf"] == "not acquired"  # scans.tsv lists the session's scans
    assert states(three)["ses-01", "perf"] == "unknown"  # nothing says why
    assert states(three)["ses-01", "dwi"] == "unknown"
    why = [json.loads(row["detail"]) for row in two.rows("events") if row["name"] == "perf"]
    assert any("scans.tsv lists" in one["why"] for one in why)
    dated = [row for row in two.rows("events") if row["kind"] == "session"]
    assert [(row["name"], row["date"]) for row in dated] == [
        ("ses-01", "2019-03-01"),
        ("ses-02", None),
    ]
    assert one.attributes["sex"] == "F"
    facts = {row["name"]: (row["number"], row["state"]) for row in two.rows("facts")}
    assert facts["age"] == (None, "unknown")
    assert facts["mrs_3months"] == (None, "unknown")
    assert [(f["row"], f["column"]) for f in result.faults] == [(4, "participant_id")]


def test_a_session_that_comes_later_is_noticed(folder: Path, tmp_path: Path) -> None:
    ingest(folder, tmp_path / "s.onco")
    assert not ingest(folder, tmp_path / "s.onco").changed
    volume(folder / "sub-03" / "ses-01" / "perf" / "sub-03_ses-01_ctp.nii.gz")
    ingest(folder, tmp_path / "s.onco")
    assert states(Store(tmp_path / "s.onco")["sub-03"])["ses-01", "perf"] == "present"


def test_sessions_tsv_may_say_it(folder: Path, tmp_path: Path) -> None:
    (folder / "sub-03" / "sub-03_sessions.tsv").write_text(
        "session_id\tacq_time\tperf\nses-01\tn/a\tn/a\nses-02\tn/a\t1\n"
    )
    ingest(folder, tmp_path / "s.onco")
    found = states(Store(tmp_path / "s.onco")["sub-03"])
    assert found["ses-01", "perf"] == "not acquired"
    assert found["ses-02", "perf"] == "unknown"


def test_derivatives_of_a_described_data_set_are_the_same_patient(
    folder: Path, tmp_path: Path
) -> None:
    volume(folder / "derivatives" / "sub-01" / "ses-01" / "sub-01_ses-01_lesion-msk_mask.nii.gz")
    ingest(folder, tmp_path / "s.onco")
    store = Store(tmp_path / "s.onco")
    assert sorted(store) == ["sub-01", "sub-02", "sub-03"]
    assert len(store["sub-01"].segmentations) == 1


def test_a_json_that_is_no_description_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    for name, text in (("a", "{}"), ("b", "[" * 99_999), ("c", "no JSON")):
        (tmp_path / "src" / name).mkdir()
        (tmp_path / "src" / name / "dataset_description.json").write_text(text)
    assert ingest(tmp_path / "src", tmp_path / "s.onco").counts["skipped"] == 3


@pytest.mark.slow
def test_flipped_bytes_and_truncations_give_one_status_each(folder: Path, tmp_path: Path) -> None:
    """500 of 5 valid tables and descriptions: one status a file."""
    rng = random.Random(24)
    names = [p for p in folder.rglob("*") if p.suffix in (".tsv", ".json")]
    src = tmp_path / "src"
    for number, path in enumerate(sorted(names) * 3):
        valid = path.read_bytes()
        for k in range(50 if number < 10 else 0):
            broken = bytearray(valid)
            if k % 5 == 0:
                del broken[rng.randrange(1, len(broken)) :]
            else:
                broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            place = src / f"{number}_{k}" / "sub-01"
            place.mkdir(parents=True)
            (place / path.name).write_bytes(broken)
    result = ingest(src, tmp_path / "s.onco")
    assert len(result.files) == 500
    assert len({row["path"] for row in result.files}) == 500
