from __future__ import annotations

from explorer.select.fact_expression import FactExpression
from explorer.select.in_other_units import in_other_units


def _said(text: str, *units: str) -> str:
    return in_other_units(FactExpression.parse(text), units)


def test_a_condition_in_stored_units() -> None:
    assert _said("age > 60 years", "days") == "in days: > 21915; 1 year = 365.25 days"
    assert _said("age in (1, 2) weeks", "d", "wk") == "in d: in (7, 14)"
    both = _said("age between 12 and 18 months", "days", "years")
    assert both == (
        "in days: between 365.25 and 547.875; in years: between 1 and 1.5; "
        "1 year = 365.25 days; 1 month = 30.4375 days"
    )


def test_nothing_is_said_where_nothing_is_converted() -> None:
    assert _said("age > 60 years", "years", "year", "kg", "") == ""
    assert _said("weight > 60 kg", "days", "g") == ""
    assert _said("age > 60", "days") == ""
