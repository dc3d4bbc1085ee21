"""The YAML of a map: every fault with its line and key, and what is written reads back."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import MapError
from explorer.readers.table_map import read_map, write_map
from explorer.readers.table_meaning import Block, Column, Meaning, Outcome

WHOLE = """
tables:
- files: 'clinic_*.csv'
  rows: patient
  identifier: {column: sample, part: TCGA-XX-XXXX}
  absent: {no: not acquired, -9: unknown, NA: present}
  columns:
    age: {is: number, unit: years, least: 0, most: 130}
    seen: {is: date, format: '%d.%m.%Y'}
    days_to_relapse: {is: days, from: surgery}
    remark: skip
  outcomes:
  - {name: OS, time: t, event: e, codes: {0: censored, 1: event}, unit: months}
  vectors:
  - {name: rna, columns: '*_rna', unit: z-score}
"""


def test_a_whole_map() -> None:
    (found,) = read_map(WHOLE, "map.yaml")
    assert (found.identifier, found.part, found.by) == ("sample", "TCGA-XX-XXXX", "person")
    # 'no' and -9 are what stands in the cells, no boolean and no number
    assert found.absent == {"no": "not acquired", "-9": "unknown", "NA": "present"}
    assert found.columns["age"].most == 130.0
    assert found.columns["days_to_relapse"].zero == "surgery"
    assert found.outcomes[0].codes == {"0": "censored", "1": "event"}
    assert found.vectors[0].pattern == "*_rna"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "tables:\n- files: a.csv\n  identifier: id\n  colums: {}\n",
            "line 4, key tables[0].colums",
        ),
        (
            "tables:\n- files: a.csv\n  identifier: id\n  columns:\n    age: {is: nummer}\n",
            "line 5, key tables[0].columns.age.is",
        ),
        (
            "tables:\n- files: a.csv\n  identifier: id\n  columns:\n    age: {least: low}\n",
            "line 5, key tables[0].columns.age.least",
        ),
        ("tables:\n- files: a.csv\n", "line 2, key tables[0]"),
        ("tables:\n- identifier: id\n", "line 2, key tables[0]"),
        ("tables: 3\n", "line 1, key tables"),
        ("- files: a.csv\n", "line 1"),
        ("tables:\n- files: a\n  files: b\n", "line 3, key tables[0].files"),
        ("tables:\n- files: a\n  identifier: x\n  absent: {NA: gone}\n", "tables[0].absent.NA"),
        ("tables:\n- files: a\n  identifier: {column: x, part: abc}\n", "identifier.part"),
        ("tables:\n- files: a\n  rows: features\n", "key tables[0]"),
        ("tables:\n- files: a\n  identifier: x\n  vectors: [{name: v, columns: rna}]\n", "columns"),
        ("tables:\n\t- files", "line 2"),
        ("", "map.yaml"),
        ("a: &x [1]\nb: *x\n", "alias"),
        ("tables: !!python/object/apply:os.system [echo]\n", "line 1, key tables"),
        ("[" * 3000, "YAML"),
    ],
)
def test_faults_are_located(text: str, place: str) -> None:
    with pytest.raises(MapError) as error:
        read_map(text, "map.yaml")
    assert place in str(error.value)


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_LINE_ENDS = Block("a\x85b\u2028c\nd\ufeff\x00", ["\x85", " ", "\u2029"], ["\x85", " ", "\u2029"])
_COLUMNS = st.builds(
    Column,
    kind=st.sampled_from(["number", "text", "code", "skip"]),
    name=st.none() | _NAME,
    unit=st.none() | _TEXT,
    decimal=st.sampled_from([".", ","]),
    least=st.none() | st.floats(-1e6, 1e6),
    absent=st.dictionaries(_TEXT, st.sampled_from(["unknown", "withheld"]), max_size=2),
    per=st.sampled_from(["patient", "row"]),
)


@settings(max_examples=60)
@given(
    st.builds(
        Meaning,
        files=_NAME,
        rows=st.just("event"),
        identifier=_NAME,
        kind=st.none() | _NAME,
        absent=st.dictionaries(_TEXT, st.just("unknown"), max_size=2),
        columns=st.dictionaries(_TEXT, _COLUMNS, max_size=3),
        outcomes=st.lists(st.builds(Outcome, _NAME, _NAME, _NAME, st.just({"0": "event"}))),
        vectors=st.lists(st.builds(lambda n, c: Block(n, c, list(c)), _NAME, st.lists(_NAME))),
        synthetic=st.booleans(),
    )
)
def test_what_is_written_reads_back(one: Meaning) -> None:
    (again,) = read_map(write_map([one]), "map.yaml")
    for column in again.columns.values():
        column.why = ""
    for outcome in again.outcomes:
        outcome.why = ""
    assert asdict(again) == asdict(one)


def test_other_line_ends_of_yaml_are_kept() -> None:
    (again,) = read_map(write_map([Meaning("f", identifier="i", vectors=[_LINE_ENDS])]), "m")
    assert again.vectors == [_LINE_ENDS]
