from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphs.errors import GroundingError
from graphs.grounding.search import Search

LESION = "segmentations/seg-1#label=lesion%201"


@pytest.fixture(scope="module")
def patient(made_up: Any, ball: Callable[..., Any]) -> Any:
    masks = {"lesion 1": ball((10, 20, 20), 5), "lesion 2": ball((20, 60, 60), 5)}
    return made_up.patient("search", masks, "A nodule.")


def test_what_the_text_was_made_of_is_no_answer(patient: Any) -> None:
    search = Search(patient, patient.reports["r-1"], excluded=[LESION])
    assert not search.allows(LESION)
    assert not search.allows("segmentations/seg-1")  # the whole would show it too
    assert search.allows("segmentations/seg-1#label=lesion%202")
    assert [target for _, _, target in search.segments()] == [
        "segmentations/seg-1#label=lesion%202"
    ]


def test_a_whole_segmentation_that_is_excluded_takes_its_segments_along(patient: Any) -> None:
    assert not Search(patient, excluded=["segmentations/seg-1"]).allows(LESION)
    assert list(Search(patient, excluded=["segmentations/seg-1"]).segments()) == []


def test_a_box_that_touches_an_excluded_one_is_no_answer(patient: Any) -> None:
    search = Search(patient, excluded=["images/img-1#box=2:6,10:20,10:20"])
    assert not search.allows("images/img-1#box=5:9,10:20,10:20")
    assert search.allows("images/img-1#box=6:9,10:20,10:20")
    assert search.allows("images/img-1")


def test_what_a_person_refused_is_refused_alone(patient: Any) -> None:
    search = Search(patient, rejected=[LESION])
    assert not search.allows(LESION)
    assert search.allows("segmentations/seg-1")


def test_the_report_speaks_of_the_images_before_it(patient: Any) -> None:
    search = Search(patient, patient.reports["r-1"])
    assert [image.id for image in search.images] == ["img-1"]
    assert search.images_reason == "acquired 0 days before the report"
    assert Search(patient).images_reason == "the report has no date: all images"


def test_what_is_no_target_is_said(patient: Any) -> None:
    with pytest.raises(GroundingError, match="no target"):
        Search(patient, excluded=["nonsense"])
