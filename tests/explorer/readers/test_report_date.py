"""A date only where the file says it plainly."""

import pytest

from explorer.readers.report_date import report_date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("CT THORAX\nDate of report: 2019-04-09\nFINDINGS", "2019-04-09"),
        ("Report date: 9 April 2019", "2019-04-09"),
        ("**Date:** April 9, 2019", "2019-04-09"),
        ("Befunddatum: 9.4.2019", "2019-04-09"),
        ("Study Date = 2019/04/09", "2019-04-09"),
        ("Date: 13/09/2019", "2019-09-13"),
        ("Date: 09/13/2019", "2019-09-13"),
        ("Date: 04/04/2019", "2019-04-04"),
        ("Exam date: 2019-04-01\nDate of report: 2019-04-09", "2019-04-09"),
        ("Date: 2019-04-09\nnothing\nDate: 2019-04-09", "2019-04-09"),
    ],
)
def test_a_line_with_its_label(text: str, date: str) -> None:
    found = report_date(text)
    assert found is not None
    assert found.date == date
    assert found.span is not None
    assert "20" in text[slice(*found.span)]


@pytest.mark.parametrize(
    "text",
    [
        "Date: 04/09/2019",  # April or September
        "Date of birth: 1950-01-01",
        "Geburtsdatum: 1.1.1950",
        "Reassessment of CT scan dated March 20, 2006.",
        "Comparison: 2018-01-01",
        "Date: 2019-02-30",
        "Date: 2019-04-09\nDate: 2019-05-09",
        "Date of Recelpt: Clinical Diagnosis",
        "Date: 12019-04-09",
        "Date: 1019-04-09",
    ],
)
def test_no_date_is_guessed(text: str) -> None:
    assert report_date(text) is None


def test_a_whole_date_in_the_files_name_counts_last() -> None:
    found = report_date("No date here.", "ct_2019-04-09.txt")
    assert found is not None
    assert (found.date, found.span) == ("2019-04-09", None)
    assert report_date("no", "ct_20190409.txt") is None
    assert report_date("no", "2019-04-09_2020-01-01.txt") is None
    said = report_date("Date: 2018-01-01", "ct_2019-04-09.txt")
    assert said is not None
    assert said.date == "2018-01-01"
