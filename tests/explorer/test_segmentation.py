from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.draft import Code, SegmentDraft
from explorer.errors import NotFoundError
from explorer.space import make_affine


def test_segments_overlap(put: Callable[..., Any], drafts: Any) -> None:
    organ = np.ones((2, 3, 4), bool)
    lesion = np.zeros((2, 3, 4), bool)
    lesion[1, 1, 1:3] = True
    anna = put("Anna", drafts.image(), drafts.segmentation({"organ": organ, "lesion": lesion}))
    seg = anna.segmentations["SEG"]
    assert seg.labels == ["organ", "lesion"]
    assert seg.mask("organ").values.tolist() == organ.tolist()
    assert seg.mask("lesion").values.tolist() == lesion.tolist()
    assert [row["voxels"] for row in seg.segments] == [24, 2]
    # voxels of 1 x 1 x 2 mm
    assert seg.volume_ml("organ") == pytest.approx(0.048)
    assert seg.volume_ml("lesion") == pytest.approx(0.004)
    assert seg.stored.dtype == bool


def test_a_mask_lies_on_its_image(put: Callable[..., Any], drafts: Any) -> None:
    anna = put("Anna", drafts.image(), drafts.segmentation())
    image, mask = anna.images["CT"].data, anna.segmentations["SEG"].mask("lesion")
    assert mask.dtype == bool
    assert mask.dims == ("z", "y", "x")
    assert image.where(mask).count() == 5  # each fifth of 24
    assert mask.attrs["resampled"] is False
    assert mask.attrs["affine"] == anna.images["CT"].affine.tolist()
    assert mask.name == "lesion"
    np.testing.assert_array_equal(mask.z, image.z)


def test_codes_colours_and_names_for_people(put: Callable[..., Any], drafts: Any) -> None:
    ones = np.ones((2, 3, 4), bool)
    segments = [
        SegmentDraft(1, "GTV_Mass_CT", Code("108369006", "SCT", "Neoplasm"), color=(1, 2, 3)),
        SegmentDraft(2, "GTV_Edema_CT", None, algorithm_type="MANUAL"),
    ]
    draft = drafts.segmentation({"a": ones, "b": ones}, segments=segments)
    seg = put("Anna", drafts.image(), draft).segmentations["SEG"]
    assert seg.codes["GTV_Mass_CT"] == Code("108369006", "SCT", "Neoplasm")
    assert seg.codes["GTV_Edema_CT"] is None
    assert seg.colors["GTV_Mass_CT"] == (1, 2, 3)
    assert len(set(seg.colors.values())) == 2
    assert seg.mask("gtv_mass").name is not None
    with pytest.raises(NotFoundError, match="2 segments called 'GTV'"):
        seg.mask("GTV")
    with pytest.raises(NotFoundError, match=r"No segments called 'liver'.*GTV_Edema_CT"):
        seg.mask("liver")
    with pytest.raises(NotFoundError):
        seg.mask("")


def test_a_fraction_of_one_half_is_in(put: Callable[..., Any], drafts: Any) -> None:
    stored = np.array([[[0, 127, 128, 255]]], np.uint8)
    draft = drafts.segmentation({"tumour": stored}, fraction_max=255, image=None)
    seg = put("Anna", draft).segmentations["SEG"]
    assert seg.mask("tumour").values.tolist() == [[[False, False, True, True]]]
    np.testing.assert_allclose(seg.fraction("tumour"), [[[0, 127 / 255, 128 / 255, 1]]])
    assert seg.segments[0]["voxels"] == 2
    assert seg.fraction_max == 255
    # of an even maximum one half itself is a stored value
    half = drafts.segmentation({"tumour": stored // 2}, "seg-half", fraction_max=126, image=None)
    seg = put("Anna", half).segmentations["seg-half"]
    assert seg.mask("tumour").values.tolist() == [[[False, True, True, True]]]


def test_on_another_grid_the_nearest_voxel_counts(put: Callable[..., Any], drafts: Any) -> None:
    # masks of 2 mm voxels, begun half a fine voxel off, on an image of 1 mm voxels
    coarse = np.zeros((2, 2, 2), bool)
    coarse[0, 0, 1] = coarse[1, 1, 0] = True
    image = drafts.image(
        np.zeros((4, 4, 5), np.int16), affine=make_affine([-0.5, -0.5, -0.5], np.eye(3))
    )
    seg = drafts.segmentation({"lesion": coarse}, affine=make_affine([0, 0, 0], 2 * np.eye(3)))
    anna = put("Anna", image, seg)
    mask = anna.segmentations["SEG"].mask("lesion")
    expected = np.zeros((4, 4, 5), bool)
    expected[0:2, 0:2, 2:4] = True
    expected[2:4, 2:4, 0:2] = True
    assert mask.values.tolist() == expected.tolist()
    assert mask.attrs["resampled"] is True
    np.testing.assert_array_equal(mask.x, anna.images["CT"].data.x)
    own = anna.segmentations["SEG"].own_mask("lesion")
    assert own.values.tolist() == coarse.tolist()
    assert own.x.values.tolist() == [0, 2]


def test_without_an_image_the_mask_is_on_its_own_grid(put: Callable[..., Any], drafts: Any) -> None:
    draft = drafts.segmentation(image=None, image_reason="no image of this frame of reference")
    seg = put("Anna", draft).segmentations["SEG"]
    assert seg.image is None
    assert seg.image_reason == "no image of this frame of reference"
    assert seg.mask("lesion").shape == (2, 3, 4)


def test_empty_chunks_are_not_stored(put: Callable[..., Any], drafts: Any) -> None:
    mask = np.zeros((65, 65, 65), bool)
    mask[64, 64, 64] = True
    draft = drafts.segmentation({"dot": mask, "empty": np.zeros_like(mask)}, image=None)
    seg = put("Anna", draft).segmentations["SEG"]
    assert seg.stored.nchunks_initialized == 1
    assert seg.mask("dot").values.sum() == 1
    assert not seg.mask("empty").values.any()
