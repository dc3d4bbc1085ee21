"""Export: what is written is what the store has, and what is told of it."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

import explorer
from explorer.deidentify import secret_of
from explorer.errors import StoreError
from explorer.export import export
from explorer.ingest import ingest
from explorer.space import flip_ras_lps


@pytest.fixture(scope="module")
def store(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> explorer.Store:
    """The prostate MR with its DICOM SEG, a report and facts about a named person."""
    place = tmp_path_factory.mktemp("export") / "store"
    ingest(shared_data / "qin_prostate_pcampmri00001_adc_seg", place)
    opened = explorer.open(place)
    (label,) = opened
    with opened.transaction("a report and facts") as t:
        key = opened[label].key
        t.add_text(key, "report-1", f"Report on {label} of 2009-06-30.", date="2009-06-30")
        t.add_facts(
            key,
            [
                {"name": "psa", "value": "7.5", "number": 7.5, "unit": "ng/ml"},
                {"name": "remark", "value": "=cmd|' /C calc'!A0"},
                {"name": "last_name", "value": "Mustermann"},
                {"name": "seen", "value": "in March", "date": "2009-03-05"},
                {"name": "age", "value": "93", "number": 93.0},
            ],
        )
    return opened


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def test_images_and_masks_are_the_same_in_a_program_of_others(
    store: explorer.Store, tmp_path: Path
) -> None:
    (label,) = store
    done = export(store, label, tmp_path / "out")
    about = manifest(tmp_path / "out")
    patient = store[label]
    for image in patient.images.values():
        read = nibabel.load(tmp_path / "out" / "images" / f"{image.id}.nii.gz")
        np.testing.assert_array_equal(np.asarray(read.dataobj).T, image.data.values)
        np.testing.assert_allclose(flip_ras_lps(read.affine), image.affine, atol=1e-3)
    (segmentation,) = patient.segmentations.values()
    for position, name in enumerate(segmentation.labels):
        path = tmp_path / "out" / "segmentations" / segmentation.id / f"{position}.nii.gz"
        voxels = np.asarray(nibabel.load(path).dataobj)
        assert int(voxels.sum()) == int(segmentation.own_mask(name).sum())
    for one in about["files"]:
        data = (tmp_path / "out" / one["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == one["sha256"]
    assert {one["kind"] for one in about["files"]} == {
        "image", "segmentation", "report", "table"}  # fmt: skip
    assert done.left_out == []
    assert about["files"][0]["sources"][0]["sha256"]


def test_no_cell_is_a_formula(store: explorer.Store, tmp_path: Path) -> None:
    export(store, next(iter(store)), tmp_path / "out")
    with (tmp_path / "out" / "facts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["value"] for r in rows][:2] == ["7.5", "'=cmd|' /C calc'!A0"]


def test_deidentified_names_nobody_and_shifts_every_date_alike(
    store: explorer.Store, tmp_path: Path
) -> None:
    (label,) = store
    done = export(store, label, tmp_path / "out", deidentify=True)
    about = manifest(tmp_path / "out")
    secret = secret_of(store)
    shift = secret.shift(secret.pseudonym(label))
    assert about["patient"] == secret.pseudonym(label)
    assert about["patient_identity_removed"] == "YES"
    whole = b"".join(p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file())
    for told in (label.encode(), b"Mustermann", b"2009-06-30", store[label].key.encode()):
        assert told not in whole
    text = (tmp_path / "out" / "texts" / "report-1.txt").read_text()
    moved = str(np.datetime64("2009-06-30") + shift)
    assert text == f"Report on [ID] of [DATE {moved}]."
    with (tmp_path / "out" / "facts.csv").open(newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows["seen"]["date"] == str(np.datetime64("2009-03-05") + shift)
    assert rows["age"]["value"] == "90"
    assert "last_name" not in rows
    assert [one["item"] for one in done.left_out] == ["facts"]


def test_the_store_knows_where_it_went(store: explorer.Store, tmp_path: Path) -> None:
    (label,) = store
    export(store, label, tmp_path / "there")
    pins = store.records.read("pins").to_pylist()
    (pin,) = [one for one in pins if one["place"] == str(tmp_path / "there")]
    assert (pin["kind"], pin["patient"], pin["version"]) == (
        "export", store[label].key, store[label].version)  # fmt: skip
    with pytest.raises(StoreError, match="not empty"):
        export(store, label, tmp_path / "there")


def test_a_text_is_withheld_where_no_name_is_known(tmp_path: Path) -> None:
    with explorer.open(tmp_path / "s", create=True).transaction("text") as t:
        t.add_text(t.patient("A"), "report-1", "Seen by a person of unknown name.")
    done = export(explorer.open(tmp_path / "s"), "A", tmp_path / "out", deidentify=True)
    assert done.left_out[0]["reason"].startswith("withheld")
    assert not (tmp_path / "out" / "texts").exists()
