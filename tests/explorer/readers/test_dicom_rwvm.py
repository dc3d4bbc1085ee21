from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

import explorer
from explorer.ingest import ingest
from explorer.readers.dicom_rwvm import DicomRwvmReader
from explorer.readers.reader import Reader

RWVM = Path("dcmqi_seg_sr_pm", "sr-example", "rwvm.dcm")


def test_is_a_reader() -> None:
    assert isinstance(DicomRwvmReader(), Reader)


def test_a_real_mapping_to_suv(dicom: Any, shared_data: Path) -> None:
    header = DicomRwvmReader().peek(dicom.source(shared_data / RWVM))
    assert header is not None
    reading = DicomRwvmReader().read([header], [])
    (draft,), (status,) = reading.drafts, reading.statuses
    assert status.status == "ingested"
    (row,) = draft.observations  # type: ignore[union-attr]
    detail = json.loads(row["detail"])
    assert (row["number"], row["unit"]) == (0.000375125, "{SUVbw}g/ml")
    assert row["method"] == "SUV body weight calculation method"
    assert detail["quantity"] == "Standardized Uptake Value"
    assert (detail["first"], detail["last"], detail["intercept"]) == (0, 32761, 0)
    sops = detail["refers"][0]["sops"]
    expected = pydicom.dcmread(shared_data / RWVM)
    part = expected.ReferencedImageRealWorldValueMappingSequence[0]
    assert sops == [one.ReferencedSOPInstanceUID for one in part.ReferencedImageSequence]


def test_an_image_is_offered_a_unit_and_keeps_its_own(
    shared_data: Path, tmp_path: Path, adc_files: list[Any]
) -> None:
    """The real mapping object, pointed at another real series; made so for the test."""
    folder = tmp_path / "in"
    folder.mkdir()
    for index, image in enumerate(adc_files):
        image.save_as(folder / f"{index}.dcm")
    mapping = pydicom.dcmread(shared_data / RWVM)
    mapping.PatientID = adc_files[0].PatientID
    part = mapping.ReferencedImageRealWorldValueMappingSequence[0]
    del part.ReferencedImageSequence[len(adc_files) :]
    for one, image in zip(part.ReferencedImageSequence, adc_files, strict=True):
        one.ReferencedSOPInstanceUID = image.SOPInstanceUID
    ingest(folder, tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    before = store[mapping.PatientID].images["MR"]
    values, units, reason = before.data.values, before.units, before.units_reason
    assert before.real_world_maps == []
    mapping.save_as(folder / "rwvm.dcm")
    result = ingest(folder, tmp_path / "s.onco")
    assert {row["status"] for row in result.files} <= {"ingested", "skipped", "referenced"}
    image = store[mapping.PatientID].images["MR"]
    assert image.units == units
    assert np.array_equal(image.data.values, values)
    assert image.real_world_maps == [
        {
            "unit": "{SUVbw}g/ml", "slope": 0.000375125, "intercept": 0.0,
            "quantity": "Standardized Uptake Value",
            "method": "SUV body weight calculation method",
            "source": str(folder / "rwvm.dcm"),
        }
    ]  # fmt: skip
    said = str(image.units_reason)
    assert said.startswith(reason or "a mapping object")
    assert "offers {SUVbw}g/ml" in said


@pytest.mark.parametrize("name", ["liver.dcm", "pm-example-slice.dcm"])
def test_other_files_are_not_claimed(dicom: Any, shared_data: Path, name: str) -> None:
    assert DicomRwvmReader().peek(dicom.source(shared_data / "dcmqi_seg_sr_pm" / name)) is None


def test_none_inside_is_refused(dicom: Any, shared_data: Path, tmp_path: Path) -> None:
    mapping = pydicom.dcmread(shared_data / RWVM)
    del mapping.ReferencedImageRealWorldValueMappingSequence
    mapping.save_as(tmp_path / "empty.dcm")
    header = DicomRwvmReader().peek(dicom.source(tmp_path / "empty.dcm"))
    assert header is not None
    (status,) = DicomRwvmReader().read([header], []).statuses
    assert status.status == "refused"
    assert "no mapping" in str(status.reason)
