from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import highdicom as hd
import nrrd
import numpy as np
import pydicom
import pytest

from explorer.draft import Code, Grid, SegmentationDraft
from explorer.errors import FileRefusedError
from explorer.readers.dicom_seg import DicomSegReader
from explorer.readers.reader import Reader

QIN = "qin_prostate_pcampmri00001_adc_seg"
DCMQI = "dcmqi_seg_sr_pm"


def read(dicom: Any, path: Path, grids: list[Grid] | None = None) -> SegmentationDraft:
    header = DicomSegReader().peek(dicom.source(path))
    assert header is not None
    assert header.kind == "segmentation"
    reading = DicomSegReader().read([pickle.loads(pickle.dumps(header))], grids or [])
    (status,) = reading.statuses
    assert status.status == "ingested", status.reason
    (draft,) = reading.drafts
    assert isinstance(draft, SegmentationDraft)
    assert status.item == draft.item
    return draft


def refused(dicom: Any, path: Path) -> str:
    header = DicomSegReader().peek(dicom.source(path))
    assert header is not None
    reading = DicomSegReader().read([header], [])
    assert reading.drafts == []
    (status,) = reading.statuses
    assert status.status == "refused"
    return status.reason or ""


def masks(draft: SegmentationDraft) -> np.ndarray:
    return np.stack([draft.load(i) for i in range(len(draft.segments))])


def by_source(path: Path, sop_uids: list[str]) -> np.ndarray:
    """Masks ``(segment, z, y, x)`` on an image's slices, as highdicom reads them."""
    pixels = hd.seg.segread(path).get_pixels_by_source_instance(
        sop_uids,
        combine_segments=False,
        ignore_spatial_locations=True,
        assert_missing_frames_are_empty=True,
    )
    return np.moveaxis(pixels, -1, 0) > 0


@pytest.fixture
def prostate(dicom: Any, shared_data: Path) -> Grid:
    grid = dicom.image(shared_data / QIN / "ADC").grid
    assert grid is not None
    return grid


@pytest.fixture
def abdomen(dicom: Any, shared_data: Path) -> Grid:
    grid = dicom.image(shared_data / DCMQI / "ct-3slice").grid
    assert grid is not None
    return grid


def test_is_a_reader() -> None:
    assert isinstance(DicomSegReader(), Reader)


def test_other_files_are_not_claimed(dicom: Any, shared_data: Path, tmp_path: Path) -> None:
    reader = DicomSegReader()
    assert reader.peek(dicom.source(shared_data / DCMQI / "ct-3slice" / "01.dcm")) is None
    assert reader.peek(dicom.source(shared_data / DCMQI / "sr-example" / "sr.dcm")) is None
    assert reader.peek(dicom.source(shared_data / DCMQI / "SOURCE.md")) is None
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    assert reader.peek(dicom.source(empty)) is None


def test_overlapping_segments_equal_highdicom(
    dicom: Any, shared_data: Path, prostate: Grid
) -> None:
    path = shared_data / QIN / "seg" / "1-1.dcm"
    draft = read(dicom, path, [prostate])
    assert draft.image == prostate.item
    assert draft.image_reason == "the file names this image's series"
    assert draft.shape == prostate.shape
    assert np.array_equal(draft.affine, prostate.affine)
    found = masks(draft)
    assert found.dtype == bool
    assert np.array_equal(found, by_source(path, prostate.sop_uids))
    assert (found.sum(axis=0) > 1).any()  # they overlap
    assert [one.name for one in draft.segments] == [
        "Normal", "Peripheral zone of the prostate", "Lesion", "Prostate",
    ]  # fmt: skip
    assert draft.segments[2].code == Code("52988006", "SCT", "Lesion")
    assert draft.segments[2].color == (255, 255, 0)
    assert draft.segments[2].algorithm_type == "MANUAL"
    assert draft.acquired == "1994-06-20"
    assert draft.problems == []


@pytest.mark.parametrize("name", ["liver.dcm", "partial_overlaps.dcm"])
def test_fewer_frames_than_slices_equal_highdicom(
    dicom: Any, shared_data: Path, abdomen: Grid, name: str
) -> None:
    path = shared_data / DCMQI / name
    draft = read(dicom, path, [abdomen])
    assert np.array_equal(masks(draft), by_source(path, abdomen.sop_uids))


def test_liver_equals_its_nrrd(dicom: Any, shared_data: Path, abdomen: Grid) -> None:
    draft = read(dicom, shared_data / DCMQI / "liver.dcm", [abdomen])
    truth, _ = nrrd.read(str(shared_data / DCMQI / "liver_seg.nrrd"))
    assert truth.any()
    assert np.array_equal(draft.load(0), truth.T > 0)
    assert draft.segments[0].code == Code("10200004", "SCT", "Liver")  # the file says SRT T-62000
    assert draft.segments[0].color == (221, 130, 101)


def test_without_its_image_it_keeps_its_own_grid(dicom: Any, shared_data: Path) -> None:
    path = shared_data / DCMQI / "sr-example" / "seg.dcm"
    draft = read(dicom, path)
    assert draft.image is None
    assert "is not among the sources" in (draft.image_reason or "")
    volume = hd.seg.segread(path).get_volume(combine_segments=False)
    assert np.array_equal(masks(draft)[0], _like(draft, volume, 0))
    assert draft.frame_of_reference is not None


def _like(draft: SegmentationDraft, volume: Any, segment: int) -> np.ndarray:
    """A segment of a highdicom volume (whose slices may run the other way) on a draft's grid."""
    array = volume.array[..., segment] > 0
    first = volume.affine @ [0, 0, 0, 1]
    if np.linalg.norm(first[:3] - draft.affine[:3, 3]) > 0.1:
        array = array[::-1]
        first = volume.affine @ [array.shape[0] - 1, 0, 0, 1]
    assert np.linalg.norm(first[:3] - draft.affine[:3, 3]) < 1e-3
    return np.asarray(array)


def test_missing_slices_are_filled_on_its_own_grid(
    dicom: Any, make_seg: Any, prostate: Grid, tmp_path: Path
) -> None:
    pixels = np.zeros((20, 256, 256, 2), np.uint8)
    pixels[3, 40:60, 50:70, 0] = 1
    pixels[9, 40:60, 50:71, 0] = 1
    pixels[5, 10:20, 50:70, 1] = 1
    path = tmp_path / "seg.dcm"
    seg = make_seg(pixels, "BINARY", omit_empty_frames=True)
    assert seg.NumberOfFrames < 20
    seg.save_as(path)
    alone = read(dicom, path)
    assert alone.shape == (7, 256, 256)
    assert masks(alone).sum() == pixels.sum()
    assert np.array_equal(alone.load(0), np.moveaxis(pixels[3:10], -1, 0)[0] > 0)
    placed = read(dicom, path, [prostate])
    assert np.array_equal(masks(placed), np.moveaxis(pixels, -1, 0) > 0)
    assert [one.name for one in placed.segments] == ["Lesion", "Lesion 2"]


def _edited(path: Path, target: Path, change: Any) -> Path:
    dataset = pydicom.dcmread(path)
    change(dataset)
    dataset.save_as(target)
    return target


def test_no_referenced_series_is_found_by_instances(
    dicom: Any, shared_data: Path, prostate: Grid, tmp_path: Path
) -> None:
    def change(dataset: Any) -> None:
        del dataset.ReferencedSeriesSequence

    path = _edited(shared_data / QIN / "seg" / "1-1.dcm", tmp_path / "seg.dcm", change)
    draft = read(dicom, path, [prostate])
    assert draft.image == prostate.item
    assert draft.image_reason == "the file names 20 of this image's instances"


def test_no_reference_at_all_is_found_by_frame_of_reference(
    dicom: Any, shared_data: Path, prostate: Grid, tmp_path: Path
) -> None:
    def change(dataset: Any) -> None:
        del dataset.ReferencedSeriesSequence
        for frame in dataset.PerFrameFunctionalGroupsSequence:
            del frame.DerivationImageSequence

    path = _edited(shared_data / QIN / "seg" / "1-1.dcm", tmp_path / "seg.dcm", change)
    draft = read(dicom, path, [prostate])
    assert draft.image == prostate.item
    assert "only image in its frame of reference that it fits" in (draft.image_reason or "")
    twin = Grid(**{**vars(prostate), "item": "twin"})
    draft = read(dicom, path, [prostate, twin])
    assert draft.image is None
    assert "2 images" in (draft.image_reason or "")
    assert draft.shape == prostate.shape


def test_a_known_image_of_another_grid(
    dicom: Any, shared_data: Path, prostate: Grid, tmp_path: Path
) -> None:
    def change(dataset: Any) -> None:
        for frame in dataset.PerFrameFunctionalGroupsSequence:
            position = frame.PlanePositionSequence[0].ImagePositionPatient
            position[0] = f"{float(position[0]) + 0.3:.6f}"

    path = _edited(shared_data / QIN / "seg" / "1-1.dcm", tmp_path / "seg.dcm", change)
    draft = read(dicom, path, [prostate])
    assert draft.image == prostate.item
    assert "keeps its own grid: its pixels lie between" in (draft.image_reason or "")
    assert draft.affine[0, 3] == pytest.approx(prostate.affine[0, 3] + 0.3, abs=1e-3)


def test_a_cropped_and_mirrored_seg_lands_on_its_image(
    dicom: Any, shared_data: Path, prostate: Grid, tmp_path: Path
) -> None:
    """Of the real SEG rows 60 to 200 and columns 30 to 230, the columns from right to left."""
    path = shared_data / QIN / "seg" / "1-1.dcm"
    whole = by_source(path, prostate.sop_uids)
    cut = whole[..., 60:200, 30:230]
    assert cut.sum() == whole.sum()

    def change(dataset: Any) -> None:
        frames = dataset.pixel_array[:, 60:200, 30:230][..., ::-1]
        dataset.Rows, dataset.Columns = frames.shape[1:]
        dataset.PixelData = np.packbits(frames.reshape(-1), bitorder="little").tobytes()
        shared = dataset.SharedFunctionalGroupsSequence[0]
        axes = shared.PlaneOrientationSequence[0].ImageOrientationPatient
        across, down = np.array(axes[:3], float), np.array(axes[3:], float)
        axes[:3] = [f"{-one:.8f}" for one in across]
        rows, columns = (float(v) for v in shared.PixelMeasuresSequence[0].PixelSpacing)
        for frame in dataset.PerFrameFunctionalGroupsSequence:
            position = frame.PlanePositionSequence[0]
            first = np.array(position.ImagePositionPatient, float)
            first = first + down * rows * 60 + across * columns * 229
            position.ImagePositionPatient = [f"{one:.6f}" for one in first]

    draft = read(dicom, _edited(path, tmp_path / "seg.dcm", change), [prostate])
    assert draft.shape == prostate.shape
    assert np.array_equal(masks(draft), whole)


def test_a_segment_without_frames_is_empty_and_said_so(
    dicom: Any, shared_data: Path, abdomen: Grid, tmp_path: Path
) -> None:
    def change(dataset: Any) -> None:
        extra = pydicom.Dataset()
        extra.SegmentNumber = 9
        extra.SegmentLabel = "Ghost"
        dataset.SegmentSequence.append(extra)

    path = _edited(shared_data / DCMQI / "liver.dcm", tmp_path / "seg.dcm", change)
    draft = read(dicom, path, [abdomen])
    assert not draft.load(1).any()
    assert draft.problems == ["1 segments have no frame and are empty: Ghost"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: setattr(d, "PixelData", d.PixelData[:1000]), "end early"),
        (lambda d: setattr(d, "NumberOfFrames", 10**6), "functional groups for 3"),
        (lambda d: setattr(d, "Rows", 65535), "end early"),
        (lambda d: setattr(d, "Rows", 0), "Rows x Columns"),
        (lambda d: setattr(d, "SegmentationType", "ODD"), "SegmentationType is 'ODD'"),
        (lambda d: delattr(d, "SegmentSequence"), "describes no segment"),
        (lambda d: delattr(d, "PixelData"), "no pixel data"),
        (lambda d: delattr(d, "SharedFunctionalGroupsSequence"), "no orientation"),
        (
            lambda d: delattr(d.PerFrameFunctionalGroupsSequence[1], "PlanePositionSequence"),
            "Frame 2 of 3 has no position",
        ),
        (
            lambda d: delattr(
                d.PerFrameFunctionalGroupsSequence[2], "SegmentIdentificationSequence"
            ),
            "Frame 3 of 3 names no segment",
        ),
    ],
)
def test_lies_are_refused(
    dicom: Any, shared_data: Path, tmp_path: Path, change: Any, said: str
) -> None:
    path = _edited(shared_data / DCMQI / "liver.dcm", tmp_path / "seg.dcm", change)
    assert said in refused(dicom, path)


def test_frames_far_apart_reserve_no_memory(dicom: Any, shared_data: Path, tmp_path: Path) -> None:
    def change(dataset: Any) -> None:
        frame = dataset.PerFrameFunctionalGroupsSequence[2]
        frame.PlanePositionSequence[0].ImagePositionPatient = [0, 0, 900000]

    path = _edited(shared_data / DCMQI / "liver.dcm", tmp_path / "seg.dcm", change)
    assert read(dicom, path).shape == (3, 512, 512)


def test_cut_files_are_refused(dicom: Any, shared_data: Path, tmp_path: Path) -> None:
    data = (shared_data / DCMQI / "liver.dcm").read_bytes()
    path = tmp_path / "seg.dcm"
    for size in range(0, len(data), 3001):
        path.write_bytes(data[:size])
        try:
            header = DicomSegReader().peek(dicom.source(path))
        except FileRefusedError:
            continue
        if header is not None:
            (status,) = DicomSegReader().read([header], []).statuses
            assert status.status == "refused"
