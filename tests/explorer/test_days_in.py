from __future__ import annotations

import pytest

from explorer.days_in import days_in


@pytest.mark.parametrize(
    ("unit", "days"),
    [("days", 1), ("d", 1), ("Weeks", 7), ("wk", 7), ("month", 30.4375), ("mo", 30.4375),
     ("YEARS", 365.25), ("a", 365.25), ("yr", 365.25)],
)  # fmt: skip
def test_units_of_time(unit: str, days: float) -> None:
    assert days_in(unit) == days


@pytest.mark.parametrize("unit", ["", "m", "A", "D", "hours", "mg", "light years", "years old"])
def test_nothing_else_is_one(unit: str) -> None:
    assert days_in(unit) is None
