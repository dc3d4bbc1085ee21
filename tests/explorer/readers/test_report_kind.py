"""What lies in a folder as text and is no report says why."""

from pathlib import Path

import pytest

from explorer.readers.report_kind import why_no_report

REPORT = "FINDINGS:\nA nodule, 9 mm, in the right upper lobe.\nIMPRESSION:\nSuspicious, biopsy.\n"


@pytest.mark.parametrize(
    "name",
    [
        *("README", "README.md", "readme_upstream.md", "LICENSE", "LICENSE-MIT.txt", "SOURCE.md"),
        *("CHANGELOG.md", "CITATION.txt", "NOTICE.txt", "requirements.txt", "Licence.txt"),
        *("CODE_OF_CONDUCT.md", "data_dictionary.txt", "CMakeLists.txt"),
    ],
)
def test_a_file_about_the_data_is_no_report(name: str) -> None:
    why = why_no_report(name, REPORT)
    assert why is not None
    assert "about the data" in why


@pytest.mark.parametrize(
    "name",
    ["ct.txt", "source_of_bleeding.txt", "history_of_patient.txt", "readmission.txt", "7.md"],
)
def test_a_report_by_any_other_name(name: str) -> None:
    assert why_no_report(name, REPORT) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no words"),
        ("x", "no words"),
        ("0 1000 1000\n2 3\n", "no words"),
        ("id\tage\n1\t2\n3\t4\n", "a table with tabs"),
        ("id,age,sex\n1,2,m\n3,4,f\n", "a table with commas"),
        ("patient;age;sex\n1;2;m\n3;4;f\n", "a table with semicolons"),
        ("dir 0.1 0.2\n0.3 0.4\n0.5 0.6 0.7 0.8 0.9\n", "numbers"),
        ('{"findings": "none"}', "JSON"),
        ("<?xml version='1.0'?><a/>", "XML"),
        (
            "2026-01-01 10:00:00 INFO start\n2026-01-01 10:00:01 WARNING odd\n"
            "2026-01-01 10:00:02 ERROR end\n",
            "a log",
        ),
        ("import os\n\ndef f(x):\n    return x;\n\nx = f(2);\n", "code"),
        ("numpy==2.2\npandas==2.3\nxarray==1\n", "code"),
    ],
)
def test_a_table_code_or_a_log_is_no_report(text: str, what: str) -> None:
    why = why_no_report("ct.txt", text)
    assert why is not None
    assert what in why


@pytest.mark.parametrize(
    "text",
    [
        "Normal.",
        REPORT,
        "Liver, spleen, pancreas: normal.\nKidneys, bladder, prostate: normal.\nNo nodes.",
        "12-06 Axillary left: 68 x 40 mm (IMA 8-34)\nAxillary right: 58 x 32 mm (IMA 3-38)\n",
        "# CT\n\nDate: 2019-01-01\n\n- nodule of 9 mm\n- no effusion\n",
        "2019-03-01 10:00 Patient seen, no complaints.\n2019-03-02 09:30 Discharged.\n",
        "\n".join(f"{n}. Lymph node, station {n}: negative." for n in range(1, 9)),
    ],
)
def test_terse_reports_are_reports(text: str) -> None:
    assert why_no_report("ct.txt", text) is None


def test_the_real_reports_are_reports(shared_data: Path) -> None:
    paths = [*(shared_data / "tcga_pathology_reports").glob("*.txt")]
    restricted = shared_data.parent / "data-restricted" / "dragon_reports"
    paths += restricted.glob("Task*.md")
    assert paths
    for path in paths:
        assert why_no_report(path.name, path.read_text("utf-8")) is None
