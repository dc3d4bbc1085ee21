from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
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


def _dated(*days: str | None) -> Any:
    images = {
        f"ct-{k}": SimpleNamespace(id=f"ct-{k}", acquired=day) for k, day in enumerate(days, 1)
    }
    return SimpleNamespace(key="k", images=images, segmentations={})


def test_of_several_dates_the_last_one_before_the_report_counts() -> None:
    report: Any = SimpleNamespace(id="r", date="2021-03-10")
    search = Search(_dated("2020-01-01", "2021-03-08", "2021-03-09", "2021-04-01"), report)
    assert [image.id for image in search.images] == ["ct-3"]
    assert search.images_reason == "acquired 1 days before the report"
    old = Search(_dated("2020-01-01"), report)
    assert (old.images, old.images_reason) == (
        [], "no image was acquired in the 31 days before the report",
    )  # fmt: skip
    assert [image.id for image in Search(_dated("2020-01-01", None), report).images] == ["ct-2"]
