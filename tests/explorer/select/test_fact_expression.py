from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import QueryError
from explorer.select.fact_expression import FactExpression

READ = {
    "age > 60": ("age", ">", (60.0,), None),
    "age>=60 years": ("age", ">=", (60.0,), "years"),
    "age between 40 and 60.5 years": ("age", "between", (40.0, 60.5), "years"),
    "purity > 5%": ("purity", ">", (5.0,), "%"),
    "score <> -1e-3": ("score", "!=", (-0.001,), None),
    "stage = 2b": ("stage", "=", ("2b",), None),
    "stage = stage iii": ("stage", "=", ("stage iii",), None),
    "stage = '3'": ("stage", "=", ("3",), None),
    "stage NOT  in (III, 'I, or (II)', 4)": ("stage", "not in", ("III", "I, or (II)", 4.0), None),
    "pain in chest = yes": ("pain in chest", "=", ("yes",), None),
    "stage ilike 'stage iii%'": ("stage", "ilike", ("stage iii%",), None),
    "note = 'it''s; drop table x --'": ("note", "=", ("it's; drop table x --",), None),
    '"a ""b"" < c" = 3': ('a "b" < c', "=", (3.0,), None),
    "Nodule, reader 1: malignancy >= 4": ("Nodule, reader 1: malignancy", ">=", (4.0,), None),
    "x in (1, 2) mm": ("x", "in", (1.0, 2.0), "mm"),
}

REFUSED = [
    "", "age", "> 60", "age >", "age > sixty", "age > '60'", "age between 1", "stage in ()",
    "stage in (a", "stage = 'a", "age > 1e999", "stage like 3", "age between 1 mm and 2 cm",
    "age > 60; drop table facts", "x" * 3000 + " > 1",
]  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_what_is_read(text: str) -> None:
    found = FactExpression.parse(text)
    assert (found.name, found.operator, found.values, found.unit) == READ[text]
    assert FactExpression.parse(str(found)) == found


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(QueryError):
        FactExpression.parse(text)


def test_what_stands_behind_a_number_is_its_unit_and_nothing_else() -> None:
    found = FactExpression.parse("age > 60 or 1=1")
    assert (found.values, found.unit) == ((60.0,), "or 1=1")


NAMES = st.text(min_size=1, max_size=20).filter(lambda text: text.strip() == text and text != "")
TEXTS = st.text(max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
UNITS = st.none() | st.text(string.ascii_letters + "/%", min_size=1, max_size=5)


@given(NAMES, st.sampled_from(["=", "!=", "in", "not in"]), st.lists(TEXTS | NUMBERS, min_size=1))
def test_any_condition_reads_back_as_it_was(
    name: str, operator: str, values: list[str | float]
) -> None:
    kept = values if "in" in operator.split() else values[:1]
    made = FactExpression(name, operator, tuple(kept))
    assert FactExpression.parse(str(made)) == made


@given(NAMES, st.sampled_from(["<", "<=", ">", ">=", "between"]), NUMBERS, NUMBERS, UNITS)
def test_numbers_and_units_read_back(
    name: str, operator: str, low: float, high: float, unit: str | None
) -> None:
    values = (low, high) if operator == "between" else (low,)
    made = FactExpression(name, operator, values, unit)
    assert FactExpression.parse(str(made)) == made


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = FactExpression.parse(text)
    except QueryError:
        return
    assert FactExpression.parse(str(found)) == found
