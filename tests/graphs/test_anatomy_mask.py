"""Masks of structures: the union of their parts, and what is missing."""

from __future__ import annotations

import numpy as np
import pytest

import explorer
from explorer.draft import Code, SegmentationDraft, SegmentDraft
from explorer.errors import NotFoundError
from explorer.segmentation import Segmentation
from graphs.anatomy_mask import anatomy_mask, segment_structures

LABELS = [
    "lung_upper_lobe_right", "lung_middle_lobe_right", "lung_lower_lobe_right",
    "Left Upper Lobe", "GTV-1", "Niere links",
]  # fmt: skip


@pytest.fixture(scope="module")
def segmentation(tmp_path_factory: pytest.TempPathFactory) -> Segmentation:
    masks = np.zeros((len(LABELS), 6, 3, 4), bool)
    for k in range(len(LABELS)):
        masks[k, k] = True
    segments = [SegmentDraft(k + 1, name) for k, name in enumerate(LABELS)]
    segments[5] = SegmentDraft(6, "left one", Code("64033007", "SCT", "Kidney"))
    draft = SegmentationDraft(
        "seg-1", "MASK", "made up", segments, (6, 3, 4), np.diag([1.0, 1.0, 2.0, 1.0]),
        lambda k: masks[k], [], synthetic=True,
    )  # fmt: skip
    store = explorer.open(tmp_path_factory.mktemp("masks") / "s.onco", create=True)
    with store.transaction("masks") as t:
        key = t.patient("SYN-1", synthetic=True)
        t.put(key, draft)
    return store[key].segmentations["seg-1"]


def test_the_union_of_disjoint_parts_is_their_sum(segmentation: Segmentation) -> None:
    right = anatomy_mask(segmentation, "right lung")
    assert right.mask is not None
    assert right.complete
    assert sorted(right.labels) == sorted(LABELS[:3])
    assert int(right.mask.sum()) == sum(int(segmentation.mask(one).sum()) for one in LABELS[:3])
    assert right.mask.dims == ("z", "y", "x")


def test_what_is_missing_is_said(segmentation: Segmentation) -> None:
    both = anatomy_mask(segmentation, "lungs")
    assert both.mask is not None
    assert len(both.labels) == 4
    assert both.missing == ("lung_lower_lobe_left",)
    assert not both.complete


def test_nothing_there_names_what_is_around(segmentation: Segmentation) -> None:
    lingula = anatomy_mask(segmentation, "lingula")
    assert lingula.mask is None
    assert lingula.missing == ("lingula",)
    assert lingula.container == "lung_upper_lobe_left"
    spleen = anatomy_mask(segmentation, "spleen")
    assert spleen.mask is None
    assert spleen.container is not None  # the abdomen, of which a kidney is there


def test_segments_are_known_by_name_or_code(segmentation: Segmentation) -> None:
    found = segment_structures(segmentation)
    assert found["lung_upper_lobe_left"] == "Left Upper Lobe"
    assert found["kidney_left"] == "left one"
    assert "GTV-1" not in found.values()


def test_unknown_terms_are_refused_with_suggestions(segmentation: Segmentation) -> None:
    with pytest.raises(NotFoundError, match="right lung"):
        anatomy_mask(segmentation, "rihgt lung")
