"""Units that measure the same, and those that do not."""

from __future__ import annotations

import pytest

from graphs.features.unit_ratio import unit_ratio


def test_ratios() -> None:
    assert unit_ratio("cm", "mm") == 10
    assert unit_ratio("days", "years") == pytest.approx(1 / 365.25)
    assert unit_ratio("odd", "odd") == 1
    assert unit_ratio("mmol/l", "g/l") is None
    assert unit_ratio("", "mm") is None
