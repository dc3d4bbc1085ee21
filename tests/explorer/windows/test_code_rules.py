"""Rules for codes: beginnings, ranges, systems, exceptions, hierarchies (made-up tables)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from explorer.errors import TaskError
from explorer.windows.code_rules import CodeRules


@pytest.mark.parametrize(
    ("rules", "code", "system", "fits"),
    [
        ("C34*", "C34.1", "ICD-10", True), ("C34*", "c341", None, True),
        ("C34*", "C3", None, False), ("C34", "C34.1", None, False), ("C34", "C34", None, True),
        ("C34.1", "C341", None, True), ("C00-C14", "C14.8", None, True),
        ("C00-C14", "C15", None, False), ("ICD10:C34*", "C34.9", "ICD-10", True),
        ("ICD10:C34*", "C34.9", "http://hl7.org/fhir/sid/icd-10", True),
        ("ICD10:C34*", "C34.9", "ICD9", False), ("ICD10:C34*", "C34.9", None, False),
        ("SCT:254637007", "254637007", "http://snomed.info/sct", True),
        ("SCT:254637007", "SCT:254637007", None, True),
        ("LOINC:8302-2", "8302-2", "http://loinc.org", True), ("8302-2", "8302", None, False),
    ],
)  # fmt: skip
def test_one_rule(rules: str, code: str, system: str | None, fits: bool) -> None:
    assert CodeRules.of(rules).fits(code, system) is fits


def test_an_exception_wins_wherever_it_stands() -> None:
    for rules in (["C34*", "!C34.9"], ["!C34.9", "C34*"]):
        one = CodeRules.of(rules)
        assert one.fits("C34.1")
        assert not one.fits("C34.9")


def test_a_hierarchy_means_all_below() -> None:
    frame = pd.DataFrame(
        {"child": ["2", "3", "4", "1"], "parent": ["1", "2", "2", "4"]}  # with a circle
    )
    one = CodeRules.of("SCT:2", frame)
    assert one.rules == ("SCT:1", "SCT:2", "SCT:3", "SCT:4")
    assert CodeRules.of(["9"], {"1": ["2"]}).rules == ("9",)
    with pytest.raises(TaskError):
        CodeRules.of("1", pd.DataFrame({"a": [1]}))


def test_a_table_of_phenotypes(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("phecode,icd,vocabulary_id\n165,C34*,ICD10\n165,162*,ICD9\n250,E11*,ICD10\n")
    found = CodeRules.read(path)
    assert sorted(found) == ["165", "250"]
    assert found["165"].fits("162.9", "ICD9")
    assert not found["165"].fits("162.9", "ICD10")
    for text in ("a,b\n1,2\n", ""):
        path.write_text(text)
        with pytest.raises(TaskError):
            CodeRules.read(path)
    with pytest.raises(TaskError):
        CodeRules.read(tmp_path / "none.csv")


def test_a_column_is_asked_once_a_code() -> None:
    codes = pa.chunked_array([pa.array(["C34.1", None, "C50", "C34.1", ""])])
    systems = pa.chunked_array([pa.array(["ICD10", "ICD10", None, None, None], pa.string())])
    assert CodeRules.of("C34*").mask(codes, systems).to_pylist() == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert CodeRules.of("ICD10:C34*").mask(codes, systems).to_pylist() == [True] + [False] * 4


def test_hostile_rules_are_text() -> None:
    for bad in ("", "*", ".*", "!C34", "ICD10:", "-"):
        assert not _made(bad)
    assert CodeRules.of("(a+)+$*").fits("(A+)+$b")


def _made(rule: str) -> bool:
    try:
        CodeRules.of(rule)
    except TaskError:
        return False
    return True
