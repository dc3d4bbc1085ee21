"""Units in the names of columns."""

from __future__ import annotations

import pytest

from explorer.readers.column_unit import column_unit


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("age_years", "years"),
        ("weight (kg)", "kg"),
        ("Size [mm]", "mm"),
        ("PSA (ng/mL)", "ng/ml"),
        ("dose_Gy", "Gy"),
        ("survival_months", "months"),
        ("ProgFreeSurvTime_days", "days"),
        ("followUpMonths", "months"),
        ("KPS (Karnofsky)", "Karnofsky"),
        ("age", None),
        ("stage_m", None),
        ("days", None),
        ("series_size_MB", None),
        ("", None),
    ],
)
def test_units(name: str, unit: str | None) -> None:
    assert column_unit(name) == unit
