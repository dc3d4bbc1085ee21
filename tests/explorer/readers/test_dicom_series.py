from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from explorer.draft import ImageDraft
from explorer.readers.dicom import DicomReader

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


def test_order_of_files_is_nothing(ct: Path, dicom: Any, tmp_path: Path) -> None:
    """Names and InstanceNumbers run against geometry."""

    def change(index: int, file: Any) -> None:
        file.InstanceNumber = 100 - index

    paths = dicom.edit(ct, tmp_path, change)
    turned = dicom.image(list(reversed(paths)))
    plain = dicom.image(ct)
    np.testing.assert_array_equal(turned.load(), plain.load())
    np.testing.assert_allclose(turned.affine, plain.affine)
    assert turned.item == plain.item


def test_missing_slices_are_counted_and_positions_kept(
    ct: Path, dicom: Any, tmp_path: Path
) -> None:
    paths = dicom.edit(ct, tmp_path, keep, lambda files: files[:10] + files[12:20])
    draft = dicom.image(paths)
    assert draft.problems == [
        "2 slice(s) missing after slice 9 (a step of 9.810 mm, usually 3.270 mm)"
    ]
    assert draft.slice_origins is not None
    np.testing.assert_allclose(np.diff(draft.slice_origins[:, 2])[9], 3 * STEP, atol=1e-6)
    np.testing.assert_allclose(draft.affine[2, 2], 19 * STEP / 17, atol=1e-6)
    np.testing.assert_array_equal(draft.load(), np.delete(dicom.image(ct).load(), [10, 11], 0)[:18])


def test_uneven_slices(ct: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        shift(file, 2, 0.0 if index < 5 else 1.0)

    draft = dicom.image(dicom.edit(ct, tmp_path, change, ten))
    assert draft.problems == [
        "uneven slices: steps from 3.270 to 4.270 mm, usually 3.270 mm; "
        "the position of each is kept"
    ]
    assert draft.slice_origins.shape == (10, 3)


def test_a_tilted_gantry_shears_the_affine(ct: Path, dicom: Any, tmp_path: Path) -> None:
    """Each slice is shifted along y, as a tilted gantry leaves them: 10 degrees."""
    by = STEP * np.tan(np.radians(10))
    draft = dicom.image(
        dicom.edit(ct, tmp_path, lambda index, file: shift(file, 1, index * by), ten)
    )
    assert len(draft.problems) == 1
    assert "tilted" in draft.problems[0]
    assert "10.00 degrees" in draft.problems[0]
    np.testing.assert_allclose(draft.affine[:3, 2], [0, by, STEP], atol=1e-5)
    placed = draft.affine @ np.array([[0, 0, k, 1] for k in range(10)]).T
    np.testing.assert_allclose(placed[:3].T, draft.slice_origins, atol=1e-5)


def test_shifted_slices(ct: Path, dicom: Any, tmp_path: Path) -> None:
    draft = dicom.image(
        dicom.edit(ct, tmp_path, lambda index, file: shift(file, 0, 2.0 * (index == 4)), ten)
    )
    assert draft.problems == ["slices are shifted in their plane by up to 2.000 mm"]
    assert draft.slice_origins is not None


def test_the_same_file_twice(ct: Path, dicom: Any, tmp_path: Path) -> None:
    paths = dicom.edit(ct, tmp_path, keep, ten)
    copy = tmp_path / "copy.dcm"
    shutil.copy(paths[3], copy)
    reading = dicom.read([*paths, copy])
    (draft,) = reading.drafts
    assert draft.shape[0] == 10
    assert draft.problems == []
    status = {one.uri: one for one in reading.statuses}
    assert status[str(copy)].status == "skipped"
    assert status[str(copy)].reason == f"the same file twice: equal to {paths[3]}"
    assert status[str(paths[3])].status == "referenced"


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


def test_slices_that_say_no_position(ct: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        file.InstanceNumber = index
        del file.ImagePositionPatient
        del file.ImageOrientationPatient

    draft = dicom.image(dicom.edit(ct, tmp_path, change, ten))
    assert draft.frame_of_reference is None
    assert "no position and orientation" in draft.problems[0]
    np.testing.assert_array_equal(draft.load(), dicom.image(ct).load()[:10])


def test_slices_that_share_a_uid_keep_apart(ct: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        file.SOPInstanceUID = "1.2.3"

    draft = dicom.image(dicom.edit(ct, tmp_path, change, ten))
    assert draft.shape[0] == 10


def test_one_broken_file_takes_no_neighbour_along(
    shared_data: Path, dicom: Any, tmp_path: Path
) -> None:
    """The codestream of one JPEG 2000 slice is cut to pieces: refused, 19 slices come in."""
    folder = shared_data / "totalsegmentator_ct" / "example_ct_dicom"
    for path in folder.iterdir():
        shutil.copy(path, tmp_path)
    victim = sorted(tmp_path.iterdir())[7]
    data = bytearray(victim.read_bytes())
    start = data.index(b"\xff\x4f\xff\x51")
    data[start + 60 : start + 2000] = bytes(1940)
    victim.write_bytes(data)
    (headers,) = dicom.groups(tmp_path).values()
    reading = DicomReader().read(headers, [])
    status = {one.uri: one for one in reading.statuses}
    assert status[str(victim)].status == "refused"
    assert "jpeg2k" in str(status[str(victim)].reason)
    assert sum(one.status == "ingested" for one in reading.statuses) == 19
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    assert draft.shape[0] == 19
    assert "1 slice(s) missing" in draft.problems[0]
