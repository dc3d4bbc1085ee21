"""Numbers out of cells, and what is none."""

import pytest

from explorer.readers.finite_number import finite_number, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12.0), (" -3.5 ", -3.5), (".5", 0.5), ("1e3", 1000.0), ("+7.", 7.0), ("007", 7.0)],
)
def test_numbers(text: str, number: float) -> None:
    assert finite_number(text) == number


@pytest.mark.parametrize(
    "text", [None, "", "nan", "inf", "1e999", "1,5", "0x1F", "1_000", "१२", "12 mg", "9" * 99]
)
def test_what_is_none(text: str | None) -> None:
    assert finite_number(text) is None


def test_whole_numbers() -> None:
    assert [whole_number(one) for one in ("12.0", "-3", "12.5", "soon", None)] == [
        12, -3, None, None, None,
    ]  # fmt: skip
