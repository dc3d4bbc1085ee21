"""A MINDS manifest is read by its form; each value leads back to the file and its entry."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from explorer.errors import FileRefusedError
from explorer.index.minds_manifest import read_minds_manifest
from explorer.index.public_index import PublicIndex
from explorer.store import Store

UUID = "0b8c0d3e-5a1c-4c8f-9d0e-1f2a3b4c5d6e"
SLIDE = {"file_id": UUID, "file_name": "slide.svs", "file_size": 1000, "md5sum": "0" * 32}


def write(path: Path, *entries: Any) -> Path:
    path.write_text(json.dumps(list(entries)))
    return path


def made(tmp_path: Path, idc: PublicIndex) -> Path:
    """Two patients of TCGA; the files' rows are synthetic, the CT series are real."""
    ct = idc.cohort().having(patient="TCGA-34-2605").only("CT").table(["SeriesInstanceUID"])
    series = [{"SeriesInstanceUID": uid} for uid in ct["SeriesInstanceUID"].to_pylist()]
    return write(
        tmp_path / "manifest.json",
        {"PatientID": "TCGA-34-2605", "case_id": "x", "CT": series},
        {"PatientID": "TCGA-05-4244", "Slide Image": [SLIDE, {"id": "b", "file_name": "b; rm"}]},
        {"PatientID": "TCGA-05-4244", "CT": []},
        {"no": "patient"},
        {"PatientID": "TCGA-99-0000", "CT": ["text", {"size": 1}]},
    )  # fmt: skip


def test_patients_kinds_and_files(tmp_path: Path, idc: PublicIndex) -> None:
    found = read_minds_manifest(made(tmp_path, idc))
    assert found.patients == {"TCGA-34-2605": 1, "TCGA-05-4244": 2, "TCGA-99-0000": 5}
    assert found.having("CT") == ["TCGA-34-2605"]
    assert found.having("CT", "Slide Image") == []
    assert found.counts.set_index("kind").loc["Slide Image"].tolist() == [1, 2, 1000]
    assert [place for place, _ in found.refused] == [
        "entry 3", "entry 4", "entry 5, 'CT', file 1", "entry 5, 'CT', file 2",
    ]  # fmt: skip


def test_what_to_download(tmp_path: Path, idc: PublicIndex) -> None:
    found = read_minds_manifest(made(tmp_path, idc))
    assert len(found.series(idc)) == (found.files["kind"] == "CT").sum() > 0
    assert found.gdc().splitlines()[1:] == [f"{UUID}\tslide.svs\t{'0' * 32}\t1000\tvalidated"]


def test_each_value_leads_back(tmp_path: Path, idc: PublicIndex, store: Store) -> None:
    path = made(tmp_path, idc)
    found = read_minds_manifest(path)
    keys = found.put(store, "TCGA barcode")
    assert len(keys) == len(store) == 3
    rows = store.sql("select p.label, f.* from facts f join patients p using (patient)")
    assert set(rows["sha256"]) == {hashlib.sha256(path.read_bytes()).hexdigest()}
    assert set(rows["origin"]) == {"manifest.json"}
    ct = rows[rows["name"] == "files listed: CT"].set_index("label")
    assert ct["row"].to_dict() == found.patients
    assert ct.loc["TCGA-34-2605", "number"] == len(found.files[found.files.kind == "CT"])
    assert ct.loc["TCGA-05-4244", "state"] == "unknown"
    assert found.put(store, "TCGA barcode") == keys
    assert len(store.sql("select * from facts")) == len(rows)


@pytest.mark.parametrize("text", ["{", "{}", "[" * 100_000, '"text"'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(FileRefusedError):
        read_minds_manifest(tmp_path / "x.json")
