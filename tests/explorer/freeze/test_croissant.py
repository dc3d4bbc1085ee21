"""Metadata that mlcroissant itself reads, and loads the tables by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer.errors import StoreError
from explorer.freeze.croissant import croissant

mlc = pytest.importorskip("mlcroissant")


def test_mlcroissant_loads_what_was_frozen(
    store: explorer.Store, put: Callable[..., explorer.Patient], drafts: Any, tmp_path: Path
) -> None:
    key = put("Anna", drafts.image(), drafts.segmentation()).key
    with store.transaction("facts") as t:
        t.add_facts(key, [
            {"name": "license_short_name", "value": "CC BY 4.0"},
            {"name": "age", "value": "61.5", "number": 61.5, "unit": "a"},
            {"name": "note", "value": "=1+1"}, {"name": "stage", "state": "unknown"},
        ])  # fmt: skip
        t.add_facts(t.patient("Berta", synthetic=True), [{"name": "age", "value": "3"}])
    frozen = store.cohort().freeze("one <b>", note="two patients")
    written = frozen.croissant(tmp_path / "out")
    assert written == frozen.croissant()
    place = tmp_path / "out" / "croissant.json"
    assert json.loads(place.read_text("utf-8")) == written
    dataset = mlc.Dataset(jsonld=str(place))
    assert dataset.metadata.issues.errors == set()
    assert {one.name for one in dataset.metadata.distribution} == {
        "patients.csv", "items.csv", "facts.csv",
    }  # fmt: skip
    for one in dataset.metadata.distribution:
        assert hashlib.sha256((place.parent / one.name).read_bytes()).hexdigest() == one.sha256
    patients = list(dataset.records("patients"))
    assert {(p["patients/patient"].decode(), p["patients/licence"]) for p in patients} == {
        (one.key, b"CC BY 4.0" if one.key == key else b"unknown") for one in frozen
    }
    assert sorted(written["license"]) == ["CC BY 4.0", "unknown"]
    facts = {f["facts/name"]: f for f in dataset.records("facts")}
    assert facts[b"age"]["facts/number"] in (61.5, None)
    assert facts[b"note"]["facts/value"] == b"'=1+1"
    assert facts[b"stage"]["facts/state"] == b"unknown"
    assert [i["items/modality"] for i in dataset.records("items")] == [b"CT", b"SEG"]
    assert frozen.digest in str(written["citeAs"])
    assert "Anna" not in place.read_text("utf-8")
    with pytest.raises(StoreError, match="not empty"):
        frozen.croissant(tmp_path / "out")


def test_of_files_that_an_export_wrote(store: explorer.Store, tmp_path: Path) -> None:
    with store.transaction("facts") as t:
        t.patient("Anna")
    data = b"patient,part\nP-1,train\n"
    (tmp_path / "parts.csv").write_bytes(data)
    files = [
        {"file": "parts.csv", "sha256": hashlib.sha256(data).hexdigest(), "size": len(data),
         "columns": ["patient", "part"]},
        {"file": "images/a b.nii.gz", "sha256": "0" * 64, "size": 1, "kind": "image"},
    ]  # fmt: skip
    document = croissant(store.cohort(), files, name="n", licences=[None])
    (tmp_path / "croissant.json").write_text(json.dumps(document))
    dataset = mlc.Dataset(jsonld=str(tmp_path / "croissant.json"))
    assert list(dataset.records("parts")) == [{"parts/patient": b"P-1", "parts/part": b"train"}]
    assert document["license"] == "unknown"
