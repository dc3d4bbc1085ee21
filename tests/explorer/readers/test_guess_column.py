"""What a column is, by its name and cells."""

from __future__ import annotations

import pyarrow as pa
import pytest

from explorer.readers.guess_column import guess_column, numbers_of, profile
from explorer.readers.table_meaning import Column


def guess(name: str, cells: list[str | None]) -> Column:
    return guess_column(profile(name, pa.chunked_array([pa.array(cells, pa.string())])))


def test_numbers_their_units_and_what_stands_for_nothing() -> None:
    age = guess("age", ["63", "71", "-9", "55"])
    assert (age.kind, age.unit, age.absent) == ("number", None, {"-9": "unknown"})
    assert (age.least, age.most) == (0.0, 130.0)
    z = guess("z_min", ["-9", "-12.5", "3"])
    assert z.absent == {}  # -9 is as good as any other
    weight = guess("weight (kg)", ["70,5", "81", "NA", None])
    assert (weight.kind, weight.unit, weight.decimal) == ("number", "kg", ",")
    gdc = guess("age_at_diagnosis", ["24984.0", "24962.0", "32872.0"])
    assert (gdc.unit, gdc.most) == ("days", 47_500.0)


def test_a_few_texts_among_many_numbers_are_faults_to_come() -> None:
    cells: list[str | None] = [str(n) for n in range(40)]
    assert guess("size_mm", [*cells, ">30"]).kind == "number"
    assert guess("size_mm", [*cells[:5], ">30", "small"]).kind == "text"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("patient_no", ["1", "2", "3"]),
        ("zip", ["69120", "10115"]),
        ("ward", ["007", "012"]),
        ("site", ["55"] * 30 + ["44", "4B"]),  # TCGA's tissue source sites
        ("price", ["1,234", "5,678"]),  # a thousand, or a decimal
        ("stage", ["stage ii", "stage iiib"]),
        ("seen", ["01/02/2019", "03/04/2019"]),  # which is the month
    ],
)
def test_labels_are_no_numbers(name: str, cells: list[str | None]) -> None:
    assert guess(name, cells).kind == "text"


def test_dates_days_codes_reports() -> None:
    assert guess("date_of_birth", ["19560229", "19600101"]).form == "%Y%m%d"
    assert guess("serial", ["19560229", "19600101"]).kind == "number"
    assert guess("seen", ["31.03.2019", "01.04.2019"]).form == "%d.%m.%Y"
    days = guess("days_from_diagnosis", ["0", "-3", "120"])
    assert (days.kind, days.zero, days.least) == ("days", "diagnosis", None)
    assert guess("days_to_death", ["120", "3"]).least == 0.0
    assert guess("days_to_death", ["120", "3"]).zero is None  # not said by the name
    code = guess("icd10_code", ["C34.1", "C34.9"])
    assert (code.kind, code.scheme) == ("code", "ICD-10")
    assert guess("findings", ["There is a mass. " * 30] * 3).kind == "report"
    assert guess("nothing", [None, "NA", ""]).kind == "skip"


def test_numbers_are_read_as_they_are_written() -> None:
    assert numbers_of(["1", "+2.5", "-.5", "1e3", "abc", "0x10", "1_000", "inf", "nan"]) == {
        "1": 1.0, "+2.5": 2.5, "-.5": -0.5, "1e3": 1000.0,
    }  # fmt: skip
    assert numbers_of(["1,5", "2"], ",") == {"1,5": 1.5, "2": 2.0}
