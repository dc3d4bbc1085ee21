"""Whose a report is that does not say it."""

from pathlib import Path

import pytest

from explorer.draft import Source
from explorer.readers.folder_hint import folder_hint


def hint(root: Path, relative: str, *beside: str) -> str | None:
    for name in (relative, *beside):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("report")
    path = root / relative
    source = Source(path, str(path), relative, True, 6, 1, "")
    return folder_hint(source).identifier


@pytest.mark.parametrize(
    ("relative", "identifier"),
    [
        ("anna_1950/ct.txt", "anna_1950"),
        ("P7/reports/ct.txt", "P7"),
        ("P7/CT/pathology/biopsy.md", "P7"),
        ("sub-01/ses-1/note.txt", "sub-01"),
        ("x/sub-02_report.txt", "sub-02"),
        ("any/TCGA-BP-5195.25c0b433-5557-4165-922e-2c1eac9c26f0.txt", "TCGA-BP-5195"),
        ("files/p10/p10000935/s50578979.txt", "p10000935"),
        ("ct.txt", "cohort"),
        ("reports/ct.txt", "cohort"),
    ],
)
def test_folder_names(tmp_path: Path, relative: str, identifier: str) -> None:
    assert hint(tmp_path / "cohort", relative) == identifier


def test_a_folder_of_numbered_texts_is_no_patient(tmp_path: Path) -> None:
    beside = ("reports/patient_002.txt", "reports/patient_003.txt")
    assert hint(tmp_path / "cohort", "reports/patient_001.txt", *beside) == "patient_001"


def test_a_patients_numbered_studies_stay_together(tmp_path: Path) -> None:
    beside = "p10000935/s50414267.txt"
    assert hint(tmp_path / "cohort", "p10000935/s50578979.txt", beside) == "p10000935"


def test_dates_in_names_tell_no_patients_apart(tmp_path: Path) -> None:
    beside = ("anna/ct_2020-05-01.txt", "anna/ct_20210501.txt")
    assert hint(tmp_path / "cohort", "anna/ct_2019-05-01.txt", *beside) == "anna"


def test_folders_that_only_sort_say_nothing(tmp_path: Path) -> None:
    assert hint(tmp_path / "data", "reports/ct.txt") is None
