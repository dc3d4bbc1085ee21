"""Time zero and days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import explorer
from explorer.anchor import FIRST_STUDY, Anchor, day_of
from explorer.errors import OncographError


def test_days_from_time_zero() -> None:
    anchor = Anchor("2019-02-27", "diagnosis", "pathology report")
    assert day_of("2019-02-27", anchor) == (0, "present")
    assert day_of("2019-03-01", anchor) == (2, "present")
    assert day_of("2018-12-31", anchor) == (-58, "present")
    assert day_of("2020-02-29", anchor) == (367, "present")


def test_why_there_is_no_day() -> None:
    anchor = Anchor("2019-02-27", "diagnosis", "x")
    assert day_of(None, anchor) == (None, "absent: the item has no date")
    assert day_of("2019-02-27", None) == (None, "unknown: the patient has no time zero")
    assert day_of("spring 2019", anchor) == (None, "unknown: 'spring 2019' is no date")


@pytest.mark.parametrize("text", ["", "27.02.2019", "2019-02-30", "20190227", "2019-W09-3", None])
def test_a_date_that_is_none_is_refused(text: Any) -> None:
    with pytest.raises(OncographError, match="ISO date"):
        Anchor(text, "diagnosis", "x")


def test_the_first_study_is_time_zero_until_somebody_sets_another(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    anna = put(
        "Anna",
        drafts.image(item="ct-late", acquired="2019-03-10"),
        drafts.image(item="ct-early", acquired="2019-03-01"),
        drafts.image(item="ct-never", acquired=None),
    )
    assert anna.anchor == Anchor("2019-03-01", FIRST_STUDY, "earliest dated item")
    assert {name: image.day for name, image in anna.images.items()} == {
        "ct-early": 0,
        "ct-late": 9,
        "ct-never": None,
    }
    assert anna.images["ct-never"].day_state == "absent: the item has no date"
    assert list(anna.images) == ["ct-early", "ct-late", "ct-never"]

    with store.transaction("diagnosis") as t:
        t.set_anchor(anna.key, Anchor("2019-02-27", "diagnosis", "clinic.csv, row 7"))
    assert [image.day for image in store["Anna"].images.values()] == [2, 11, None]

    # an earlier study moves 'first study', and not a diagnosis
    anna = put("Anna", drafts.image(item="ct-first", acquired="2019-01-01"))
    assert anna.anchor == Anchor("2019-02-27", "diagnosis", "clinic.csv, row 7")
    assert anna.images["ct-first"].day == -57
    assert anna.at(1).images["ct-late"].day == 9


def test_an_earlier_study_moves_the_first_one(put: Callable[..., Any], drafts: Any) -> None:
    put("Anna", drafts.image(item="ct-late", acquired="2019-03-10"))
    anna = put("Anna", drafts.image(item="ct-early", acquired="2019-03-01"))
    assert anna.images["ct-late"].day == 9


def test_no_date_at_all(put: Callable[..., Any], drafts: Any) -> None:
    anna = put("Anna", drafts.image())
    assert anna.anchor is None
    assert anna.images["CT"].day_state == "absent: the item has no date"


def test_reports_have_days_too(store: explorer.Store) -> None:
    with store.transaction("reports") as t:
        key = t.patient("Anna")
        t.set_anchor(key, Anchor("2019-02-27", "diagnosis", "x"))
        t.add_text(key, "r-1", "no lesion", date="2019-03-01")
        t.add_text(key, "r-2", "no date")
        t.add_text(key, "r-3", "an odd date", date="spring 2019")
    reports = store["Anna"].reports
    assert {name: report.day for name, report in reports.items()} == {
        "r-1": 2,
        "r-2": None,
        "r-3": None,
    }
    assert reports["r-3"].day_state == "unknown: 'spring 2019' is no date"
