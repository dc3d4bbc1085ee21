from __future__ import annotations

from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless

from explorer.draft import Grid, SegmentationDraft
from explorer.readers.dicom_seg import DicomSegReader

QIN = "qin_prostate_pcampmri00001_adc_seg"
DCMQI = "dcmqi_seg_sr_pm"


def read(dicom: Any, path: Path, grids: list[Grid] | None = None) -> SegmentationDraft:
    (draft,) = (
        DicomSegReader().read([DicomSegReader().peek(dicom.source(path))], grids or []).drafts
    )
    assert isinstance(draft, SegmentationDraft)
    return draft


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


def test_fractional(dicom: Any, make_seg: Any, prostate: Grid, tmp_path: Path) -> None:
    pixels = np.zeros((20, 256, 256, 2), np.float32)
    pixels[2:5, 30:50, 30:50, 0] = np.linspace(0, 1, 20)
    pixels[4:6, 30:50, 30:50, 1] = 0.5
    path = tmp_path / "seg.dcm"
    make_seg(pixels, "FRACTIONAL", max_fractional_value=200).save_as(path)
    draft = read(dicom, path, [prostate])
    assert draft.fraction_max == 200
    found = masks(draft)
    assert found.dtype == np.uint8
    assert np.abs(found / 200 - np.moveaxis(pixels, -1, 0)).max() <= 0.5 / 200


def test_label_map(
    dicom: Any, adc_files: Any, make_seg: Any, prostate: Grid, tmp_path: Path
) -> None:
    adc = np.stack([image.pixel_array for image in adc_files])
    labels = np.digitize(adc, [500, 1000, 1500]).astype(np.uint8)  # bands of real values
    path = tmp_path / "seg.dcm"
    make_seg(labels, "LABELMAP").save_as(path)
    draft = read(dicom, path, [prostate])
    assert draft.image == prostate.item
    assert len(draft.segments) == 3
    for index, segment in enumerate(draft.segments):
        assert np.array_equal(draft.load(index), labels == segment.number)


def test_compressed_frames(dicom: Any, make_seg: Any, prostate: Grid, tmp_path: Path) -> None:
    labels = np.zeros((20, 256, 256), np.uint8)
    labels[4:9, 10:90, 20:80] = 1
    labels[7:11, 100:140, 20:80] = 2
    path = tmp_path / "seg.dcm"
    make_seg(labels, "LABELMAP", transfer_syntax_uid=RLELossless).save_as(path)
    draft = read(dicom, path, [prostate])
    assert np.array_equal(masks(draft), [labels == 1, labels == 2])


def _save_as(path: Path, target: Path, syntax: str) -> None:
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = syntax
    little = syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(target, dataset, implicit_vr=False, little_endian=little, force_encoding=True)


def test_deflated_and_big_endian(
    dicom: Any, shared_data: Path, abdomen: Grid, tmp_path: Path
) -> None:
    path, target = shared_data / DCMQI / "liver.dcm", tmp_path / "seg.dcm"
    _save_as(path, target, DeflatedExplicitVRLittleEndian)
    draft = read(dicom, target, [abdomen])
    assert np.array_equal(masks(draft), by_source(path, abdomen.sop_uids))
    _save_as(path, target, ExplicitVRBigEndian)
    (status,) = DicomSegReader().read([DicomSegReader().peek(dicom.source(target))], []).statuses
    assert status.status == "refused"
    assert "big endian" in (status.reason or "")


def test_many_segments_cost_one_pass(dicom: Any, make_seg: Any, tmp_path: Path) -> None:
    """98 segments on real slices (synthetic masks): every frame is unpacked exactly once."""
    labels = np.zeros((20, 256, 256), np.uint8)
    labels[:] = 1 + np.arange(256) * 98 // 256
    path = tmp_path / "seg.dcm"
    seg = make_seg(labels, "BINARY")
    seg.save_as(path)
    draft = read(dicom, path)
    pixels = draft.load._pixels  # type: ignore[attr-defined]
    asked: list[int] = []
    unpack = pixels.frame
    pixels.frame = lambda index: asked.append(index) or unpack(index)
    for index in range(98):
        assert np.array_equal(draft.load(index), labels == index + 1)
    assert sorted(asked) == list(range(seg.NumberOfFrames))
