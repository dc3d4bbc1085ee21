"""Dates as tables write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.readers.dates import FORMATS, date_format, iso_date


@pytest.mark.parametrize(
    ("cells", "form", "first"),
    [
        (["2019-03-31", "2020-02-29"], "%Y-%m-%d", "2019-03-31"),
        (["2019-03-31T10:20:30Z"], "%Y-%m-%d", "2019-03-31"),
        (["20190331"], "%Y%m%d", "2019-03-31"),
        (["31.03.2019", "01.02.2019"], "%d.%m.%Y", "2019-03-31"),
        (["01/02/2019", "31/03/2019"], "%d/%m/%Y", "2019-02-01"),
        (["01/02/2019", "03/31/2019"], "%m/%d/%Y", "2019-01-02"),
        (["31-MAR-2019"], "%d-%b-%Y", "2019-03-31"),
        (["March 31, 2019"], "%B %d, %Y", "2019-03-31"),
    ],
)
def test_the_form_of_a_column(cells: list[str], form: str, first: str) -> None:
    assert date_format(cells)[0] == form
    assert iso_date(cells[0], form) == first


def test_day_and_month_are_not_guessed_at() -> None:
    form, why = date_format(["01/02/2019", "03/04/2019"])
    assert form is None
    assert "%d/%m/%Y" in why
    assert "%m/%d/%Y" in why


def test_what_is_no_date() -> None:
    assert date_format(["63.5", "71.25"])[0] is None
    assert date_format(["8070/3", "8140/3"])[0] is None  # ICD-O morphology
    assert date_format(["TCGA-34-2605"])[0] is None
    assert date_format([])[0] is None
    assert iso_date("31.02.2019", "%d.%m.%Y") is None
    assert iso_date("01.01.0019", "%d.%m.%Y") is None
    assert iso_date("2019-1-1", "%Y-%m-%d") is None


def test_one_bad_date_in_many_leaves_the_form() -> None:
    cells = [f"{day:02d}.05.2019" for day in range(1, 29)] + ["31.02.2019"]
    assert date_format(cells)[0] == "%d.%m.%Y"


@given(st.dates(date(1850, 1, 1), date(2299, 12, 31)), st.sampled_from(FORMATS))
def test_every_form_reads_back_what_it_wrote(day: date, form: str) -> None:
    assert iso_date(day.strftime(form), form) == day.isoformat()
