"""Masks of the four readers of LIDC-IDRI-0314."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.draft import Grid, ImageDraft, SegmentationDraft, Source
from explorer.errors import GeometryError, NotFoundError
from explorer.peek_file import sha256_of
from explorer.readers.dicom import DicomReader
from explorer.sample import unpack_samples
from explorer.sample_lidc import lidc_ratings, lidc_segmentation

# Voxels of Annotation.boolean_mask() of pylidc 0.2.3 on the same outlines.
PYLIDC_VOXELS = [3071, 3712, 2483, 3416]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("samples")
    unpack_samples(found)
    return found


@pytest.fixture(scope="module")
def ct(folder: Path) -> ImageDraft:
    reader = DicomReader()
    headers = []
    for path in sorted((folder / "LIDC-IDRI-0314" / "dicom").iterdir()):
        about = path.stat()
        headers.append(
            reader.peek(
                Source(
                    path, str(path), path.name, True, about.st_size, about.st_mtime_ns,
                    sha256_of(path),
                )
            )
        )  # fmt: skip
    (image,) = reader.read([header for header in headers if header], []).drafts
    assert isinstance(image, ImageDraft)
    return image


@pytest.fixture(scope="module")
def grid(ct: ImageDraft) -> Grid:
    assert ct.grid is not None
    return ct.grid


@pytest.fixture(scope="module")
def draft(folder: Path, grid: Grid) -> SegmentationDraft:
    return lidc_segmentation(folder, grid)


def test_four_overlapping_segments_as_pylidc_has_them(draft: SegmentationDraft) -> None:
    assert [segment.name for segment in draft.segments] == [
        f"Nodule, reader {n}" for n in (1, 2, 3, 4)
    ]
    masks = [draft.load(index) for index in range(4)]
    assert [int(mask.sum()) for mask in masks] == PYLIDC_VOXELS
    assert np.logical_and.reduce(masks).sum() == 2141
    assert {mask.dtype for mask in masks} == {np.dtype(bool)}


def test_masks_lie_on_the_nodule(draft: SegmentationDraft, ct: ImageDraft) -> None:
    agreed = np.logical_and.reduce([draft.load(index) for index in range(4)])
    values = ct.load()[agreed] * ct.slope + ct.intercept
    assert 0 < np.median(values) < 100  # soft tissue, in HU; lung is about -850
    assert (values > -500).mean() > 0.9
    assert draft.image == ct.item
    assert draft.shape == ct.shape


def test_outline_itself_is_outside_of_the_mask(folder: Path, draft: SegmentationDraft) -> None:
    path = folder / "LIDC-IDRI-0314" / "contours.csv"
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["annotation_id"] == "2295"]
    widest = draft.load(0).sum(axis=(1, 2)).argmax()
    z = draft.affine[2, 3] + widest * draft.affine[2, 2]
    (row,) = [row for row in rows if abs(float(row["image_z_position"]) - z) < 0.1]
    xy = np.array([line.split(",") for line in row["coords"].split()], int)
    assert not draft.load(0)[widest, xy[:, 1], xy[:, 0]].any()


def test_what_a_reader_cut_out_is_not_of_the_mask(folder: Path, draft: SegmentationDraft) -> None:
    path = folder / "LIDC-IDRI-0314" / "contours.csv"
    with path.open(newline="") as file:
        holes = [row for row in csv.DictReader(file) if row["inclusion"] == "0"]
    assert len(holes) == 2
    for row in holes:
        slice_index = round(float(row["image_z_position"]) - draft.affine[2, 3])
        plane = draft.load(2)[slice_index]
        x, y = np.array([line.split(",") for line in row["coords"].split()], int).T
        assert not plane[y.min() : y.max() + 1, x.min() : x.max() + 1].all()
        assert not plane[y, x].any()


def test_another_series_is_refused(folder: Path, grid: Grid) -> None:
    with pytest.raises(GeometryError, match="the series that the readers outlined"):
        lidc_segmentation(folder, replace(grid, series_uid="1.2.3"))


def test_a_volume_without_the_outlines_slices_is_refused(folder: Path, grid: Grid) -> None:
    moved = grid.affine.copy()
    moved[2, 3] += 200
    with pytest.raises(GeometryError, match="one of the image's slices"):
        lidc_segmentation(folder, replace(grid, affine=moved, slice_origins=None))


def test_ratings_are_nine_a_reader(folder: Path) -> None:
    facts = lidc_ratings(folder)
    assert len(facts) == 36
    found = {fact["name"]: fact for fact in facts}
    malignancy = [found[f"Nodule, reader {n}: malignancy"]["number"] for n in (1, 2, 3, 4)]
    assert malignancy == [1, 5, 4, 3]
    assert found["Nodule, reader 2: malignancy"]["value"] == "highly suspicious"
    assert found["Nodule, reader 1: sphericity"]["value"] == "2"  # the scale has no word for it
    assert found["Nodule, reader 1: calcification"]["unit"] == "scale 1 to 6"


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="oncograph demo"):
        lidc_ratings(tmp_path)
