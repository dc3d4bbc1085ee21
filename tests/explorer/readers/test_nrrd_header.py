from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from explorer.draft import ImageDraft
from explorer.errors import FileRefusedError
from explorer.readers.nrrd import NrrdReader

SMALL = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)  # (x, y, z)


def image(dicom: Any, path: Path) -> ImageDraft:
    reading = NrrdReader().read([NrrdReader().peek(dicom.source(path))], [])
    assert reading.drafts, reading.statuses[0].reason
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    return draft


def refused(dicom: Any, path: Path) -> str:
    """Reason, whether it is told at the first look, at reading or at loading."""
    try:
        reading = NrrdReader().read([NrrdReader().peek(dicom.source(path))], [])
        if reading.statuses[0].status == "refused":
            return reading.statuses[0].reason or ""
        draft = reading.drafts[0]
        assert isinstance(draft, ImageDraft)
        draft.load()
    except FileRefusedError as error:
        return str(error)
    raise AssertionError("it was taken")


def itk(path: Path) -> tuple[np.ndarray, np.ndarray]:
    found = sitk.ReadImage(str(path))
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(found.GetDirection(), (3, 3)) * found.GetSpacing()
    affine[:3, 3] = found.GetOrigin()
    return sitk.GetArrayFromImage(found), affine


@pytest.mark.parametrize("space", ["left-posterior-superior", "RAS", "left-anterior-superior"])
def test_spaces_equal_simpleitk(dicom: Any, nrrd_file: Any, tmp_path: Path, space: str) -> None:
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    steps = turn @ np.diag([1, 2, 3])
    directions = " ".join("(" + ",".join(f"{v:.9f}" for v in step) + ")" for step in steps.T)
    path = nrrd_file.write(tmp_path / "a.nrrd", space=space, space_directions=directions)
    draft = image(dicom, path)
    expected, affine = itk(path)
    assert np.array_equal(draft.load(), expected)
    assert np.abs(draft.affine - affine).max() < 1e-6
    assert draft.problems == []


def test_what_is_not_said_is_told(dicom: Any, nrrd_file: Any, tmp_path: Path) -> None:
    path = nrrd_file.write(
        tmp_path / "a.nrrd",
        space=None,
        space_directions=None,
        space_origin=None,
        spacings="1 2 3",
    )
    draft = image(dicom, path)
    assert np.array_equal(draft.affine, np.diag([1.0, 2, 3, 1]))
    assert len(draft.problems) == 3
    path = nrrd_file.write(tmp_path / "b.nrrd", space="scanner-xyz", space_units='"cm" "cm" "cm"')
    draft = image(dicom, path)
    assert "scanner-xyz" in draft.problems[0]
    assert draft.affine[0, 0] == 10


@pytest.mark.parametrize(
    "name", ["../secret.raw", "/etc/passwd", "..", "a\\b.raw", "LIST", "CT_%03d.raw 1 3 1"]
)
def test_no_file_outside_of_the_folder_is_read(
    dicom: Any, nrrd_file: Any, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret.raw").write_bytes(bytes(48))
    (tmp_path / "case").mkdir()
    head = nrrd_file.write(tmp_path / "case" / "CT.nhdr", b"", data_file=name)
    assert "another folder, or in several files" in refused(dicom, head)


def test_byte_skip(dicom: Any, nrrd_file: Any, tmp_path: Path) -> None:
    data = SMALL.astype("<i2").tobytes("F")
    for skip in ("7", "-1"):
        path = nrrd_file.write(tmp_path / "a.nrrd", b"1234567" + data, byte_skip=skip)
        draft = image(dicom, path)
        assert np.array_equal(draft.load(), SMALL.T)
        assert draft.frames is not None
    path = nrrd_file.write(
        tmp_path / "a.nrrd", gzip.compress(b"12" + data), encoding="gzip", byte_skip="2"
    )
    assert np.array_equal(image(dicom, path).load(), SMALL.T)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sizes": "2000 3000 4000"}, "at most"),
        ({"sizes": "99999999999999999999 3 4"}, "broken"),
        ({"sizes": "2 3 5"}, "ends early"),
        ({"sizes": "2 -3 4"}, "at least one voxel"),
        ({"sizes": "2 0 4"}, "at least one voxel"),
        ({"sizes": "2 3"}, "broken|axes"),
        ({"sizes": None}, "no 'sizes'"),
        ({"dimension": "many"}, "broken"),
        ({"type": "block"}, "type 'block'"),
        ({"type": "complex"}, "type 'complex'"),
        ({"encoding": "hex"}, "encoding 'hex'"),
        ({"encoding": "gzip"}, "cannot be read"),
        ({"endian": "middle"}, "endian"),
        ({"space_directions": "(1,0,0) (1,0,0) (0,0,1)"}, "do not span"),
        ({"space_directions": "(1,0,0) none (0,0,1)"}, "axes are of space"),
        ({"space_origin": "(1,2)"}, "dimensions"),
        ({"kinds": "RGB-color domain domain", "space_directions": None}, "axes are of space"),
        ({"line_skip": "3"}, "line skip"),
        ({"byte_skip": "-2"}, "byte skip"),
        ({"byte_skip": "999999999999"}, "ends early"),
    ],
)
def test_lies_are_refused(
    dicom: Any, nrrd_file: Any, tmp_path: Path, fields: dict[str, str | None], said: str
) -> None:
    with np.errstate(all="ignore"):  # as another library may have set it for the whole process
        assert re.search(said, refused(dicom, nrrd_file.write(tmp_path / "a.nrrd", **fields)))


def test_vectors_are_refused(dicom: Any, nrrd_file: Any, tmp_path: Path) -> None:
    path = nrrd_file.write(
        tmp_path / "a.nrrd",
        bytes(144),
        dimension="4",
        sizes="3 2 3 4",
        kinds="vector domain domain domain",
        space_directions="none (1,0,0) (0,2,0) (0,0,3)",
    )
    assert "kind 'vector'" in refused(dicom, path)


def test_a_header_without_end_is_refused(dicom: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.nrrd"
    path.write_bytes(b"NRRD0004\n" + b"#" * (3 << 20))
    assert "does not end" in refused(dicom, path)
    path.write_bytes(b"NRRD0009\n\n")
    assert "no NRRD header" in refused(dicom, path)
