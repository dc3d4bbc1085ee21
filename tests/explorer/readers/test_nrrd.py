from __future__ import annotations

import bz2
import gzip
import pickle
import re
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk

from explorer.draft import Code, Grid, ImageDraft, Reading, SegmentationDraft
from explorer.errors import FileRefusedError
from explorer.readers.nrrd import NrrdReader
from explorer.readers.reader import Reader

SUBJECTS = ("brain1", "brain2", "breast1", "lung1")
SMALL = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)  # (x, y, z)
PLAIN = {
    "type": "short",
    "dimension": "3",
    "space": "left-posterior-superior",
    "sizes": "2 3 4",
    "space directions": "(1,0,0) (0,2,0) (0,0,3)",
    "kinds": "domain domain domain",
    "endian": "little",
    "encoding": "raw",
    "space origin": "(10,20,30)",
}


def read(dicom: Any, *paths: Path, grids: list[Grid] | None = None) -> Reading:
    headers = [NrrdReader().peek(dicom.source(path)) for path in paths]
    assert None not in headers
    reading = NrrdReader().read(pickle.loads(pickle.dumps(headers)), grids or [])
    assert [one.uri for one in reading.statuses] == [str(path) for path in paths]
    return reading


def image(dicom: Any, path: Path) -> ImageDraft:
    reading = read(dicom, path)
    assert reading.drafts, reading.statuses[0].reason
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    return draft


def mask(dicom: Any, path: Path, grids: list[Grid] | None = None) -> SegmentationDraft:
    reading = read(dicom, path, grids=grids)
    assert reading.drafts, reading.statuses[0].reason
    (draft,) = reading.drafts
    assert isinstance(draft, SegmentationDraft)
    return draft


def refused(dicom: Any, path: Path) -> str:
    """Reason, whether it is told at the first look, at reading or at loading."""
    try:
        reading = read(dicom, path)
        if reading.statuses[0].status == "refused":
            return reading.statuses[0].reason or ""
        draft = reading.drafts[0]
        assert isinstance(draft, ImageDraft)
        draft.load()
    except FileRefusedError as error:
        return str(error)
    raise AssertionError("it was taken")


def write(path: Path, data: bytes | None = None, **fields: str | None) -> Path:
    """Write a NRRD by hand; a field of None is left out."""
    lines = ["NRRD0004"]
    for name, value in (PLAIN | {k.replace("_", " "): v for k, v in fields.items()}).items():
        if value is not None:
            lines.append(f"{name}: {value}")
    body = SMALL.astype("<i2").tobytes("F") if data is None else data
    path.write_bytes("\n".join(lines).encode() + b"\n\n" + body)
    return path


def itk(path: Path) -> tuple[np.ndarray, np.ndarray]:
    found = sitk.ReadImage(str(path))
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(found.GetDirection(), (3, 3)) * found.GetSpacing()
    affine[:3, 3] = found.GetOrigin()
    return sitk.GetArrayFromImage(found), affine


def test_is_a_reader() -> None:
    assert isinstance(NrrdReader(), Reader)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_image_and_mask_equal_simpleitk(dicom: Any, shared_data: Path, subject: str) -> None:
    folder = shared_data / "pyradiomics_nrrd"
    found = image(dicom, folder / f"{subject}_image.nrrd")
    expected, affine = itk(folder / f"{subject}_image.nrrd")
    assert np.array_equal(found.load(), expected)
    assert np.abs(found.affine - affine).max() < 1e-6
    assert found.grid is not None
    labels = mask(dicom, folder / f"{subject}_label.nrrd", [found.grid])
    expected, affine = itk(folder / f"{subject}_label.nrrd")
    assert np.array_equal(labels.load(0), expected == 1)
    assert np.abs(labels.affine - affine).max() < 1e-6
    assert labels.image == found.item


def test_they_are_four_patients(dicom: Any, shared_data: Path) -> None:
    headers = [
        NrrdReader().peek(dicom.source(path))
        for path in sorted((shared_data / "pyradiomics_nrrd").glob("*.nrrd"))
    ]
    assert {one.patient.identifier for one in headers} == set(SUBJECTS)
    assert [one.kind for one in headers] == ["image", "segmentation"] * 4


@pytest.mark.parametrize("organ", ["heart", "liver", "spine"])
def test_masks_without_an_image(dicom: Any, shared_data: Path, organ: str) -> None:
    path = shared_data / "dcmqi_seg_sr_pm" / f"{organ}_seg.nrrd"
    draft = mask(dicom, path)
    expected, affine = itk(path)
    (segment,) = draft.segments
    assert np.array_equal(draft.load(0), expected == segment.number)
    assert np.abs(draft.affine - affine).max() < 1e-6
    assert draft.image is None
    assert draft.image_reason == "no image of the patient has its grid"


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("raw", bytes),
        ("gzip", gzip.compress),
        ("gz", gzip.compress),
        ("bzip2", bz2.compress),
        ("ascii", lambda data: " ".join(map(str, np.frombuffer(data, "<i2"))).encode()),
    ],
)
def test_encodings(dicom: Any, tmp_path: Path, encoding: str, pack: Any) -> None:
    data = pack(SMALL.astype("<i2").tobytes("F"))
    draft = image(dicom, write(tmp_path / "a.nrrd", data, encoding=encoding))
    assert np.array_equal(draft.load(), SMALL.T)
    assert (draft.frames is not None) == (encoding == "raw")


def test_raw_voxels_are_referenced_where_they_lie(dicom: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "a.nrrd", SMALL.astype(">i2").tobytes("F"), endian="big")
    reading = read(dicom, path)
    assert reading.statuses[0].status == "referenced"
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    data = path.read_bytes()
    slices = [
        np.frombuffer(data[one.offset : one.offset + one.length], draft.dtype)
        for one in draft.frames or []
    ]
    assert np.array_equal(np.reshape(slices, draft.shape), SMALL.T)


@pytest.mark.parametrize("space", ["left-posterior-superior", "RAS", "left-anterior-superior"])
def test_spaces_equal_simpleitk(dicom: Any, tmp_path: Path, space: str) -> None:
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    steps = turn @ np.diag([1, 2, 3])
    directions = " ".join("(" + ",".join(f"{v:.9f}" for v in step) + ")" for step in steps.T)
    path = write(tmp_path / "a.nrrd", space=space, space_directions=directions)
    draft = image(dicom, path)
    expected, affine = itk(path)
    assert np.array_equal(draft.load(), expected)
    assert np.abs(draft.affine - affine).max() < 1e-6
    assert draft.problems == []


def test_what_is_not_said_is_told(dicom: Any, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.nrrd",
        space=None,
        space_directions=None,
        space_origin=None,
        spacings="1 2 3",
    )
    draft = image(dicom, path)
    assert np.array_equal(draft.affine, np.diag([1.0, 2, 3, 1]))
    assert len(draft.problems) == 3
    path = write(tmp_path / "b.nrrd", space="scanner-xyz", space_units='"cm" "cm" "cm"')
    draft = image(dicom, path)
    assert "scanner-xyz" in draft.problems[0]
    assert draft.affine[0, 0] == 10


def test_a_fourth_axis_first_or_last(dicom: Any, tmp_path: Path) -> None:
    series = np.stack([SMALL, SMALL + 100])  # (t, x, y, z)
    first = write(
        tmp_path / "a.nrrd",
        series.astype("<i2").tobytes("F"),
        dimension="4",
        sizes="2 2 3 4",
        kinds="list domain domain domain",
        space_directions="none (1,0,0) (0,2,0) (0,0,3)",
    )
    draft = image(dicom, first)
    assert draft.dims == ("t", "z", "y", "x")
    assert draft.frames is None
    assert np.array_equal(draft.load(), [SMALL.T, SMALL.T + 100])
    last = write(
        tmp_path / "b.nrrd",
        np.moveaxis(series, 0, -1).astype("<i2").tobytes("F"),
        dimension="4",
        sizes="2 3 4 2",
        kinds="domain domain domain time",
        space_directions="(1,0,0) (0,2,0) (0,0,3) none",
    )
    draft = image(dicom, last)
    assert len(draft.frames or []) == 8
    assert np.array_equal(draft.load(), [SMALL.T, SMALL.T + 100])


TAGS = (
    "Segmentation.Status:inprogress|TerminologyEntry:Segmentation category and type - 3D Slicer "
    "General Anatomy list~SCT^49755003^Morphologically Altered Structure~SCT^4147007^Mass~^^~"
    "Anatomic codes - DICOM master list~^^~^^|"
)


def test_segments_of_3d_slicer(dicom: Any, tmp_path: Path) -> None:
    """As 3D Slicer 5 writes it: overlapping segments in layers; written by pynrrd."""
    layers = np.zeros((2, 6, 5, 4), np.uint8)
    layers[0, 1:3, 1:3, 1:3] = 1
    layers[0, 4, 1:3, 1:3] = 2
    layers[1, 1:5, 1:4, 1:3] = 1
    header = {
        "space": "left-posterior-superior",
        "kinds": ["list", "domain", "domain", "domain"],
        "space directions": np.array([[np.nan] * 3, [1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        "space origin": np.zeros(3),
        "Segment0_ID": "Segment_1",
        "Segment0_Name": "Tumour",
        "Segment0_Color": "0.5 0.682353 0.501961",
        "Segment0_Layer": "0",
        "Segment0_LabelValue": "1",
        "Segment0_Tags": TAGS,
        "Segment1_Name": "Tumour",
        "Segment1_Layer": "0",
        "Segment1_LabelValue": "2",
        "Segment2_ID": "Liver",
        "Segment2_Layer": "1",
        "Segment2_LabelValue": "1",
        "Segment3_Name": "Empty",
        "Segment3_Layer": "1",
        "Segment3_LabelValue": "7",
        "Segment4_Name": "Broken",
        "Segment4_Layer": "no number",
    }
    path = tmp_path / "Segmentation.seg.nrrd"
    nrrd.write(str(path), layers, header)
    draft = mask(dicom, path)
    assert [one.name for one in draft.segments] == ["Tumour", "Tumour 2", "Liver", "Empty"]
    assert draft.segments[0].code == Code("4147007", "SCT", "Mass")
    assert draft.segments[0].category == Code(
        "49755003", "SCT", "Morphologically Altered Structure"
    )
    assert draft.segments[0].color == (128, 174, 128)
    assert draft.shape == (4, 5, 6)
    expected = [layers[0] == 1, layers[0] == 2, layers[1] == 1, layers[1] == 7]
    for index, one in enumerate(expected):
        assert np.array_equal(draft.load(index), one.T)
    assert draft.problems == ["1 segments have no voxel and are empty: Empty"]


@pytest.mark.parametrize(("suffix", "encoding"), [(".raw", "raw"), (".raw.gz", "gzip")])
def test_voxels_beside_the_header(dicom: Any, tmp_path: Path, suffix: str, encoding: str) -> None:
    head = write(tmp_path / "CT.nhdr", b"", encoding=encoding, data_file=f"CT{suffix}")
    voxels = tmp_path / f"CT{suffix}"
    data = SMALL.astype("<i2").tobytes("F")
    voxels.write_bytes(data if encoding == "raw" else gzip.compress(data))
    reading = read(dicom, head, voxels)
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    assert np.array_equal(draft.load(), SMALL.T)
    assert draft.modality == "CT"
    fate = "referenced" if encoding == "raw" else "ingested"
    assert [(one.status, one.item) for one in reading.statuses] == [(fate, draft.item)] * 2
    assert "not among the sources" in (read(dicom, head).statuses[0].reason or "")


@pytest.mark.parametrize(
    "name", ["../secret.raw", "/etc/passwd", "..", "a\\b.raw", "LIST", "CT_%03d.raw 1 3 1"]
)
def test_no_file_outside_of_the_folder_is_read(dicom: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.raw").write_bytes(bytes(48))
    (tmp_path / "case").mkdir()
    head = write(tmp_path / "case" / "CT.nhdr", b"", data_file=name)
    assert "another folder, or in several files" in refused(dicom, head)


def test_byte_skip(dicom: Any, tmp_path: Path) -> None:
    data = SMALL.astype("<i2").tobytes("F")
    for skip in ("7", "-1"):
        path = write(tmp_path / "a.nrrd", b"1234567" + data, byte_skip=skip)
        draft = image(dicom, path)
        assert np.array_equal(draft.load(), SMALL.T)
        assert draft.frames is not None
    path = write(tmp_path / "a.nrrd", gzip.compress(b"12" + data), encoding="gzip", byte_skip="2")
    assert np.array_equal(image(dicom, path).load(), SMALL.T)


def test_other_files_are_not_claimed(dicom: Any, tmp_path: Path) -> None:
    for name in ("a.raw", "b.txt", "c.gz"):
        (tmp_path / name).write_bytes(b"nothing" * 10)
        assert NrrdReader().peek(dicom.source(tmp_path / name)) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sizes": "2000 3000 4000"}, "at most"),
        ({"sizes": "99999999999999999999 3 4"}, "broken|at most"),
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
    dicom: Any, tmp_path: Path, fields: dict[str, str | None], said: str
) -> None:
    assert re.search(said, refused(dicom, write(tmp_path / "a.nrrd", **fields)))


def test_vectors_are_refused(dicom: Any, tmp_path: Path) -> None:
    path = write(
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


def test_cut_files_are_refused(dicom: Any, shared_data: Path, tmp_path: Path) -> None:
    data = (shared_data / "pyradiomics_nrrd" / "breast1_image.nrrd").read_bytes()
    path = tmp_path / "scan.nrrd"
    for size in (0, 5, 9, 40, 200, 400, 500, 1000, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        assert refused(dicom, path)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("bzip2", bz2.compress)])
def test_bombs(dicom: Any, tmp_path: Path, encoding: str, pack: Any) -> None:
    data = SMALL.astype("<i2").tobytes("F")
    path = write(tmp_path / "a.nrrd", pack(data + bytes(100 << 20)), encoding=encoding)
    assert np.array_equal(image(dicom, path).load(), SMALL.T)  # the rest is never unpacked
    path = write(tmp_path / "a.nrrd", pack(data), encoding=encoding, sizes="1500 1000 1000")
    assert "ends early" in refused(dicom, path)
