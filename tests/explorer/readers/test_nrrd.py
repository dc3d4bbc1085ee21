from __future__ import annotations

import bz2
import gzip
import pickle
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
def test_encodings(dicom: Any, nrrd_file: Any, tmp_path: Path, encoding: str, pack: Any) -> None:
    data = pack(SMALL.astype("<i2").tobytes("F"))
    draft = image(dicom, nrrd_file.write(tmp_path / "a.nrrd", data, encoding=encoding))
    assert np.array_equal(draft.load(), SMALL.T)
    assert (draft.frames is not None) == (encoding == "raw")


def test_raw_voxels_are_referenced_where_they_lie(
    dicom: Any, nrrd_file: Any, tmp_path: Path
) -> None:
    path = nrrd_file.write(tmp_path / "a.nrrd", SMALL.astype(">i2").tobytes("F"), endian="big")
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


def test_a_fourth_axis_first_or_last(dicom: Any, nrrd_file: Any, tmp_path: Path) -> None:
    series = np.stack([SMALL, SMALL + 100])  # (t, x, y, z)
    first = nrrd_file.write(
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
    last = nrrd_file.write(
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
def test_voxels_beside_the_header(
    dicom: Any, nrrd_file: Any, tmp_path: Path, suffix: str, encoding: str
) -> None:
    head = nrrd_file.write(tmp_path / "CT.nhdr", b"", encoding=encoding, data_file=f"CT{suffix}")
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


def test_other_files_are_not_claimed(dicom: Any, tmp_path: Path) -> None:
    for name in ("a.raw", "b.txt", "c.gz"):
        (tmp_path / name).write_bytes(b"nothing" * 10)
        assert NrrdReader().peek(dicom.source(tmp_path / name)) is None


def test_cut_files_are_refused(dicom: Any, shared_data: Path, tmp_path: Path) -> None:
    data = (shared_data / "pyradiomics_nrrd" / "breast1_image.nrrd").read_bytes()
    path = tmp_path / "scan.nrrd"
    for size in (0, 5, 9, 40, 200, 400, 500, 1000, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        assert refused(dicom, path)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("bzip2", bz2.compress)])
def test_bombs(dicom: Any, nrrd_file: Any, tmp_path: Path, encoding: str, pack: Any) -> None:
    data = SMALL.astype("<i2").tobytes("F")
    path = nrrd_file.write(tmp_path / "a.nrrd", pack(data + bytes(100 << 20)), encoding=encoding)
    assert np.array_equal(image(dicom, path).load(), SMALL.T)  # the rest is never unpacked
    path = nrrd_file.write(
        tmp_path / "a.nrrd", pack(data), encoding=encoding, sizes="1500 1000 1000"
    )
    assert "ends early" in refused(dicom, path)
