from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

STEP = 3.27  # mm, of the STS patients' slices


@pytest.fixture(scope="module")
def ct(sts: Path) -> Path:
    return sts / "STS_002" / "CT" / "image"


def keep(index: int, file: Any) -> None:
    """Change nothing."""


def ten(files: list[Any]) -> list[Any]:
    return files[:10]


def test_a_duplicate_slice_is_left_out_and_told(ct: Path, dicom: Any, tmp_path: Path) -> None:
    paths = dicom.edit(ct, tmp_path, keep, ten)
    again = pydicom.dcmread(paths[4])
    again.SOPInstanceUID = generate_uid()
    again.InstanceNumber = 900
    again.PixelData = bytes(len(again.PixelData))
    extra = tmp_path / "again.dcm"
    again.save_as(extra)
    reading = dicom.read([*paths, extra])
    (draft,) = reading.drafts
    np.testing.assert_array_equal(draft.load(), dicom.image(ct).load()[:10])
    assert draft.problems == ["1 slice(s) left out: another slice lies at the same place"]
    status = {one.uri: one for one in reading.statuses}
    assert status[str(extra)].status == "skipped"
    assert "at the place of" in str(status[str(extra)].reason)
    assert sum(one.status == "referenced" for one in reading.statuses) == 10


@pytest.mark.parametrize(
    ("keyword", "values", "by"),
    [
        ("AcquisitionNumber", [1, 2, 3], "AcquisitionNumber"),
        ("TemporalPositionIdentifier", [1, 2, 3], "TemporalPositionIdentifier"),
        ("DiffusionBValue", [0, 400, 800], "DiffusionBValue"),
        ("EchoTime", [10, 20, 30], "EchoTime"),
        ("TriggerTime", [0, 100, 200], "TriggerTime"),
        ("AcquisitionTime", ["100000", "100130", "100300"], "AcquisitionTime"),
        ("InstanceNumber", [1000, 2000, 3000], "InstanceNumber"),
    ],
)
def test_time_series(
    sts: Path, dicom: Any, tmp_path: Path, keyword: str, values: list[Any], by: str
) -> None:
    """Three time points made of a real MR: its pixels, and these doubled and trebled."""
    mr = sts / "STS_002" / "MR_T1" / "image"
    paths = []
    for time, value in enumerate(values):

        def change(index: int, file: Any, time: int = time, value: Any = value) -> None:
            for name in ("AcquisitionNumber", "AcquisitionTime", "InstanceNumber", "EchoTime"):
                if name in file:
                    del file[name]
            file.SOPInstanceUID = generate_uid()
            file.PixelData = ((time + 1) * file.pixel_array.astype("<i2")).tobytes()
            setattr(file, keyword, value + index if keyword == "InstanceNumber" else value)

        paths += dicom.edit(mr, tmp_path / str(time), change)
    draft = dicom.image(reversed(paths))
    plain = dicom.image(mr).load()
    assert draft.dims == ("t", "z", "y", "x")
    assert draft.meta["t_by"] == by
    expected = [0, 90, 180] if keyword == "AcquisitionTime" else values
    assert draft.meta["t_values"] == expected
    np.testing.assert_array_equal(draft.load(), np.stack([plain, 2 * plain, 3 * plain]))
    assert len(draft.frames) == 3 * 35
    assert draft.problems == []
    assert draft.grid.shape == (35, 90, 115)


def test_a_dynamic_pet_has_a_slope_for_each_frame(sts: Path, dicom: Any, tmp_path: Path) -> None:
    pet = sts / "STS_008" / "PET" / "image"
    paths = []
    for time in (1, 2):

        def change(index: int, file: Any, time: int = time) -> None:
            file.SOPInstanceUID = generate_uid()
            file.AcquisitionTime = f"16{20 + 5 * time}00"
            file.RescaleSlope = f"{float(file.RescaleSlope) * time:.10g}"

        paths += dicom.edit(pet, tmp_path / str(time), change)
    draft = dicom.image(paths)
    slope = np.asarray(dicom.image(pet).slope)
    assert (draft.meta["t_by"], draft.meta["t_values"]) == ("AcquisitionTime", [0.0, 300.0])
    np.testing.assert_allclose(draft.slope, [slope, 2 * slope], rtol=1e-8)


def test_phases_that_cover_different_places_are_two_volumes(
    ct: Path, dicom: Any, tmp_path: Path
) -> None:
    def phase(number: int) -> Any:
        def change(index: int, file: Any) -> None:
            file.AcquisitionNumber = number
            file.SOPInstanceUID = generate_uid()

        return change

    first = dicom.edit(ct, tmp_path / "1", phase(1), lambda files: files[:10])
    second = dicom.edit(ct, tmp_path / "2", phase(2), lambda files: files[5:12])
    drafts = dicom.read([*first, *second]).drafts
    assert sorted(draft.shape[0] for draft in drafts) == [7, 10]
    assert len({draft.item for draft in drafts}) == 2
