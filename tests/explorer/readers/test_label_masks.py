from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from explorer.draft import Draft, ImageDraft, SegmentationDraft
from explorer.readers.label_masks import MOST_LABELS, find_labels
from explorer.readers.nifti import NiftiReader
from explorer.readers.nifti_header import read_nifti


def draft_of(dicom: Any, path: Path) -> Draft:
    header = NiftiReader().peek(dicom.source(path))
    assert header is not None
    (draft,) = NiftiReader().read([header], []).drafts
    return draft


def mask(dicom: Any, path: Path) -> SegmentationDraft:
    draft = draft_of(dicom, path)
    assert isinstance(draft, SegmentationDraft)
    return draft


def test_labels_of_a_real_segmentation(dicom: Any, shared_data: Path) -> None:
    path = shared_data / "totalsegmentator_ct" / "example_seg.nii.gz"
    volume = read_nifti(dicom.source(path))
    found = find_labels(volume, volume.load())
    expected = np.unique(np.asarray(nib.load(path).dataobj))
    assert found == [(0, int(one), one) for one in expected if one]


def test_a_real_image_called_a_mask_is_an_image(
    dicom: Any, shared_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "t2_mask.nii.gz"
    path.write_bytes(
        (shared_data / "sts_ct_pet_mr_rtstruct/nifti/STS_002/PET_image.nii.gz").read_bytes()
    )
    draft = draft_of(dicom, path)
    assert isinstance(draft, ImageDraft)
    assert "called a mask, but its values are none" in draft.problems[0]


@pytest.mark.parametrize(
    "array",
    [
        np.full((2, 3, 4), 0.5, np.float32),
        np.full((2, 3, 4), -1, np.int16),
        np.arange(2000, dtype=np.int16).reshape(10, 10, 20),
        np.arange(2000, dtype=np.uint16).reshape(10, 10, 20),
        np.full((2, 2, 2), np.nan, np.float32),
        np.full((2, 2, 2), np.inf, np.float32),
    ],
)
def test_values_that_are_no_labels(
    dicom: Any, nifti: Any, tmp_path: Path, array: np.ndarray
) -> None:
    assert isinstance(draft_of(dicom, nifti.save(tmp_path / "mask.nii", array)), ImageDraft)


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float64])
def test_as_many_labels_as_may_be(dicom: Any, nifti: Any, tmp_path: Path, kind: Any) -> None:
    labels = np.arange(MOST_LABELS + 2).astype(kind).reshape(1, 2, -1)
    volume = read_nifti(dicom.source(nifti.save(tmp_path / "mask.nii", labels)))
    assert find_labels(volume, volume.load()) is None
    volume = read_nifti(dicom.source(nifti.save(tmp_path / "mask.nii", labels[:, :, :-1])))
    assert len(find_labels(volume, volume.load()) or []) == MOST_LABELS - 1


def test_whole_floats_are_labels(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    labels = nifti.small % 3
    draft = mask(dicom, nifti.save(tmp_path / "seg.nii", labels.astype(np.float32)))
    assert [one.name for one in draft.segments] == ["label 1", "label 2"]
    for index in (1, 0, 1):  # in any order, and again
        assert np.array_equal(draft.load(index), index + 1 == labels.T)


def test_labels_are_scaled(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    path = nifti.save(tmp_path / "seg.nii", (nifti.small % 3).astype(np.uint8))
    draft = mask(dicom, nifti.patch(path, 112, "<ff", 4.0, 0.0))
    assert [one.number for one in draft.segments] == [4, 8]
    assert np.array_equal(draft.load(1), nifti.small.T % 3 == 2)


def test_a_fourth_axis_is_layers(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    layers = np.stack([nifti.small % 2, nifti.small % 3 == 0], axis=-1).astype(np.uint8)
    draft = mask(dicom, nifti.save(tmp_path / "seg.nii", layers))
    assert [one.name for one in draft.segments] == ["layer 1 label 1", "layer 2 label 1"]
    assert draft.shape == (4, 3, 2)
    assert np.array_equal(draft.load(1), nifti.small.T % 3 == 0)
    assert draft.problems == ["its fourth axis is taken for layers of masks"]


def test_an_empty_mask_is_said(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    draft = mask(dicom, nifti.save(tmp_path / "seg.nii", np.zeros((2, 3, 4), np.uint8)))
    assert not draft.load(0).any()
    assert draft.problems == ["1 segments have no voxel and are empty: label 1"]
