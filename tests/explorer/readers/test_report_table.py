"""Tables of reports: the columns are guessed and say why; each row is a report."""

import hashlib
import json
from pathlib import Path

import pandas as pd

from explorer.draft import Source
from explorer.readers.report_table import report_columns, report_texts

SOURCE = Source(
    Path("reports.csv"), "/data/reports.csv", "reports.csv", True, 1, 1,
    hashlib.sha256(b"").hexdigest(),
)  # fmt: skip
LONG = (
    "CT of the chest without contrast. There is a nodule of 9 mm in the right upper lobe, "
    "unchanged since the prior examination. "
)


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "PatientID": ["A", "B", "A", ""],
            "study_id": ["s1", "s2", "s3", "s4"],
            "report_date": ["2019-01-01", "2019-02-01 10:00", None, "2019-03-01"],
            "sex": ["f", "m", "f", "m"],
            "report": [LONG + "One.", LONG + "Two.", None, LONG + "Three.\r\nLine."],
        },
        dtype=str,
    )


def test_columns_are_guessed_and_say_why() -> None:
    found = report_columns(table())
    assert found is not None
    assert (found.patient, found.text, found.date, found.report) == (
        "PatientID", ["report"], "report_date", "study_id",
    )  # fmt: skip
    assert found.reasons["report"].startswith("long texts")
    assert found.reasons["report_date"] == "called 'report_date': ISO dates"


def test_rows_become_reports_of_their_patients() -> None:
    found = report_columns(table())
    assert found is not None
    rows = report_texts(table(), found, SOURCE)
    assert list(rows) == ["A", "B", ""]  # the empty one is nobody's: it is told apart
    (one,) = rows["A"]
    assert one["text"] == LONG + "One."
    assert (one["date"], one["row"], one["source"]) == ("2019-01-01", 1, "/data/reports.csv")
    assert (one["name"], one["language"]) == ("s1", "en")
    assert json.loads(one["detail"])["language"]["certainty"] > 0.5
    assert rows["B"][0]["date"] == "2019-02-01"
    assert rows[""][0]["text"].endswith("Three.\r\nLine.")


def test_several_columns_are_sections() -> None:
    frame = pd.DataFrame(
        {
            "subject_id": ["7"],
            "findings": ["A nodule in the right upper lobe of the lung."],
            "impression": [None],
            "Conclusion": ["Most likely a granuloma, no follow-up is needed."],
        }
    )
    found = report_columns(frame)
    assert found is not None
    assert found.text == ["findings", "Conclusion"]
    (one,) = report_texts(frame, found, SOURCE)["7"]
    assert one["text"] == (
        "findings: A nodule in the right upper lobe of the lung.\n\n"
        "Conclusion: Most likely a granuloma, no follow-up is needed."
    )
    assert json.loads(one["detail"])["sections"] == {
        "findings": [10, 55],
        "Conclusion": [69, 117],
    }


def test_a_table_of_outcomes_holds_no_reports() -> None:
    frame = pd.DataFrame(
        {
            "patient_id": ["A", "B"],
            "diagnosis": ["C34.1", "C50.9"],
            "comment": ["", "lost"],
            "uuid": ["0b487613-5557-4165-922e-2c1eac9c26f0" * 3] * 2,
        }
    )
    assert report_columns(frame) is None


def test_dates_that_are_no_dates_are_left_alone() -> None:
    frame = table().assign(report_date=["04/09/2019", "last week", "x", "y"])
    found = report_columns(frame)
    assert found is not None
    assert found.date is None


def test_hostile_strings_are_kept_as_they_are(hostile: list[str]) -> None:
    frame = pd.DataFrame({"patient": hostile, "report": [LONG + one for one in hostile]})
    found = report_columns(frame)
    assert found is not None
    rows = report_texts(frame, found, SOURCE)
    kept = {row["row"]: row["text"] for texts in rows.values() for row in texts}
    assert kept == {number: LONG + one for number, one in enumerate(hostile, 1)}
    assert {name.strip() for name in hostile} == set(rows)
