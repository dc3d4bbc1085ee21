from __future__ import annotations

from typing import Any

import pytest

from graphs.finding import Finding
from graphs.grounding.reported import Reported
from graphs.measured_value import MeasuredValue


def _finding(*values: MeasuredValue, **fields: Any) -> Finding:
    return Finding(0, 6, "nodule", "nodule", measurements=values, **fields)


def test_axes_in_mm_longest_first_and_never_the_earlier_ones() -> None:
    found = Reported.of(
        _finding(
            MeasuredValue((1.8,), "cm", "size", 0, 0, prior=True),
            MeasuredValue((1.2, 2.3), "cm", "size", 0, 0),
        )
    )
    assert found.axes_mm == pytest.approx((23.0, 12.0))
    assert found.cues == ("size",)


def test_the_last_digit_of_an_suv_is_read_in_the_text() -> None:
    text = "SUVmax 4.0 and SUVmax 4"
    tenth = MeasuredValue((4.0,), "SUV", "suvmax", 7, 10)
    whole = MeasuredValue((4.0,), "SUV", "suvmax", 22, 23)
    assert Reported.of(_finding(tenth), text=text).suv_step == pytest.approx(0.1)
    assert Reported.of(_finding(whole), text=text).suv_step == 1.0
    assert Reported.of(_finding(MeasuredValue((4.25,), "SUV", "suvmax", 0, 0))).suv_step == 0.01


def test_both_sides_are_no_side_and_one_is_no_count() -> None:
    count = MeasuredValue((1.0,), "", "count", 0, 0)
    assert Reported.of(_finding(count, laterality="bilateral")).cues == ()
