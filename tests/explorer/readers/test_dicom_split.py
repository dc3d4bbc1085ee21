from __future__ import annotations

from pathlib import Path
from typing import Any

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


def shift(file: Any, axis: int, by: float) -> None:
    position = [float(one) for one in file.ImagePositionPatient]
    position[axis] += by
    file.ImagePositionPatient = [f"{one:.6f}" for one in position]


def test_a_localizer_is_an_image_of_its_own(ct: Path, dicom: Any, tmp_path: Path) -> None:
    def scout(index: int, file: Any) -> None:
        file.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
        file.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
        file.SOPInstanceUID = generate_uid()

    paths = dicom.edit(ct, tmp_path / "scout", scout, lambda files: files[:1])
    reading = dicom.read([*dicom.edit(ct, tmp_path / "ct", keep, ten), *paths])
    volume, localizer = sorted(reading.drafts, key=lambda draft: -draft.shape[0])
    assert (volume.units, volume.meta["localizer"]) == ("HU", False)
    assert (localizer.units, localizer.meta["localizer"]) == ("1", True)
    assert "localizer" in str(localizer.units_reason)
    assert volume.item == dicom.image(ct).item, "the volume's id must not hang on the scout"


def test_water_and_fat_at_the_same_places(ct: Path, dicom: Any, tmp_path: Path) -> None:
    def kind(name: str) -> Any:
        def change(index: int, file: Any) -> None:
            file.ImageType = ["DERIVED", "PRIMARY", "DIXON", name]
            file.SOPInstanceUID = generate_uid()
            file.InstanceNumber = index + 1 + 100 * (name == "FAT")

        return change

    paths = dicom.edit(ct, tmp_path / "w", kind("WATER"), ten)
    paths += dicom.edit(ct, tmp_path / "f", kind("FAT"), ten)
    drafts = dicom.read(paths).drafts
    assert [draft.dims for draft in drafts] == [("z", "y", "x")] * 2
    assert {draft.meta["image_type"][3] for draft in drafts} == {"WATER", "FAT"}


def test_stations_side_by_side(ct: Path, dicom: Any, tmp_path: Path) -> None:
    def station(index: int, file: Any) -> None:
        shift(file, 0, 400.0)
        file.SOPInstanceUID = generate_uid()

    paths = dicom.edit(ct, tmp_path / "1", keep, ten)
    paths += dicom.edit(ct, tmp_path / "2", station, ten)
    drafts = dicom.read(paths).drafts
    assert [draft.shape[0] for draft in drafts] == [10, 10]
    assert abs(drafts[0].affine[0, 3] - drafts[1].affine[0, 3]) == pytest.approx(400)
