from __future__ import annotations

import shutil
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file

import explorer
from explorer.ingest import ingest


def test_one_identity_two_contents(tmp_path: Path) -> None:
    """Two real files of pydicom's with one SOPInstanceUID, and a plain copy of the first."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("reportsi.dcm", "reportsi_with_empty_number_tags.dcm"):
        shutil.copy(str(get_testdata_file(name, download=False)), folder)
    shutil.copy(folder / "reportsi.dcm", folder / "zz-copy.dcm")
    uids = {pydicom.dcmread(path).SOPInstanceUID for path in folder.iterdir()}
    assert len(uids) == 1
    for _ in range(2):  # the second run changes nothing
        result = ingest(folder, tmp_path / "s.onco", patient="P")
        found = {Path(row["path"]).name: (row["status"], row["reason"]) for row in result.files}
        assert found["reportsi.dcm"][0] in ("ingested", "skipped")
        assert found["reportsi_with_empty_number_tags.dcm"][0] == "refused"
        assert "other contents" in str(found["reportsi_with_empty_number_tags.dcm"][1])
        assert found["zz-copy.dcm"][0] == "skipped"
        assert "the same file twice" in str(found["zz-copy.dcm"][1])
    assert not result.changed
    patient = explorer.open(tmp_path / "s.onco")["P"]
    assert len(patient.reports) == 1
