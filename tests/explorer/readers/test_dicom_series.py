from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
