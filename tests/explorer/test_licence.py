from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from explorer.demo import make_demo
from explorer.ingest import ingest
from explorer.licence import licence
from explorer.patient import Patient
from explorer.store import open_store


def test_bundled_patients_say_it(tmp_path: Path) -> None:
    demo = make_demo(tmp_path / "patients.onco")
    found = licence(demo["STS_002"])
    assert found.terms == "CC BY 3.0"
    assert found.line.startswith("Data: Soft-tissue-Sarcoma")
    assert found.by == "SOURCE.md beside the files"
    assert all(licence(demo[name]).terms for name in demo)
    assert licence(demo["CMB-CRC-MSB-06489"]).terms == "CC BY 4.0"  # not what else it says
    assert licence(demo["TCGA-BP-5195"]).terms == "MIT"


def test_unknown_is_said_to_be_unknown(put: Callable[..., Patient], drafts: Any) -> None:
    patient = put("Anna", drafts.image())
    assert licence(patient).terms is None
    assert "unknown" in licence(patient).line
    with patient.store.transaction("an index says it") as t:
        t.add_facts(patient.key, [{"name": "license_short_name", "value": "CC BY-NC 4.0"}])
    assert licence(patient.store["Anna"]).line == "Licence of the data: CC BY-NC 4.0"


def test_bids(tmp_path: Path) -> None:
    import nibabel as nib

    root = tmp_path / "bids"
    (root / "sub-01" / "anat").mkdir(parents=True)
    nib.save(  # type: ignore[attr-defined]
        nib.Nifti1Image(np.zeros((3, 3, 3), np.int16), np.eye(4)),
        root / "sub-01" / "anat" / "sub-01_T1w.nii.gz",
    )
    about = {"Name": "A set", "BIDSVersion": "1.8.0", "License": "CC0"}
    (root / "dataset_description.json").write_text(json.dumps(about))
    store = open_store(tmp_path / "s.onco", create=True)
    ingest([root], store)
    assert licence(store[next(iter(store))]).line == "Data: A set. Licence: CC0"
