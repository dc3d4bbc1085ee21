"""mlcroissant loads the tables of real patients by the metadata, and the folder is read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import explorer
from explorer.demo import make_demo
from explorer.errors import StoreError
from explorer.exports.export_set import ExportedSet

mlc = pytest.importorskip("mlcroissant")


@pytest.mark.slow
def test_mlcroissant_loads_the_facts_of_real_patients(
    tmp_path: Path, again: Callable[[ExportedSet], explorer.Store]
) -> None:
    store = make_demo(tmp_path / "patients.onco")
    frozen = store.cohort().freeze("real ones", note="eight people")
    done = frozen.export(tmp_path / "out", "croissant")
    dataset = mlc.Dataset(jsonld=str(done.folder / "croissant.json"))
    assert dataset.metadata.issues.errors == set()
    assert dataset.metadata.description == "eight people"
    assert frozen.digest in dataset.metadata.cite_as
    here = {one["file"]: one["sha256"] for one in done.files if one["file"] != "croissant.json"}
    assert {one.name: one.sha256 for one in dataset.metadata.distribution} == here
    loaded = sorted(
        (row["facts/patient"], row["facts/name"], row["facts/state"])
        for row in dataset.records("facts")
    )
    rows = frozen.rows("facts", ["name", "state"]).to_pylist()
    assert loaded == sorted(
        (row["patient"].encode(), row["name"].encode(), row["state"].encode()) for row in rows
    )
    assert len(loaded) > 50
    images = [row["items/file"].decode() for row in dataset.records("items")]
    assert {file for file in images if file.endswith(".nii.gz")} <= set(here)
    assert [row["patients/patient"].decode() for row in dataset.records("patients")] == [
        *frozen.keys
    ]
    assert sorted(again(done)) == sorted(frozen.keys)


def test_a_note_that_may_name_somebody_is_not_told(
    prostate: explorer.Store, tmp_path: Path
) -> None:
    frozen = prostate.cohort().freeze("one", note="of Mr Mustermann", by_reference=True)
    done = frozen.export(tmp_path / "out", "croissant", deidentify=True)
    said = json.loads((done.folder / "croissant.json").read_text())
    assert said["description"] == "1 patients, de-identified"
    frozen.drop("one")


def test_what_mlcroissant_refuses_is_no_export(
    prostate: explorer.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice(*words: object, **more: object) -> dict[str, object]:
        return {"@type": "sc:Thing", "name": "n"}

    monkeypatch.setattr("explorer.exports.croissant.croissant", twice)
    with pytest.raises(StoreError, match="mlcroissant finds fault"):
        prostate.cohort().export(tmp_path / "out", "croissant")
    assert not (tmp_path / "out").exists()
