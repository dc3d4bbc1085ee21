from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from explorer.readers.pet_tags import PetTags
from explorer.readers.scan_time import scan_time

HALF_LIFE = 6588.0


def tags(series: str | None, acquired: str | None, **more: object) -> PetTags:
    return PetTags(
        series_date="20200102",
        series_time=series,
        acquisition_date="20200102",
        acquisition_time=acquired,
        **more,  # type: ignore[arg-type]
    )


def test_the_series_time_where_nothing_was_acquired_before_it() -> None:
    beds = [tags("110000", "110300"), tags("110000", "110000.000"), tags("110000", "110600")]
    time, how = scan_time(beds, HALF_LIFE)
    assert time == datetime(2020, 1, 2, 11)
    assert how == "SeriesDate, SeriesTime"


def test_a_series_made_later_takes_the_earliest_bed() -> None:
    beds = [tags("150000", "110300"), tags("150000", "110000")]
    time, how = scan_time(beds, HALF_LIFE)
    assert time == datetime(2020, 1, 2, 11)
    assert "earliest" in how


def test_a_series_made_later_by_ge() -> None:
    time, how = scan_time(
        [tags("150000", "110000", ge_scan_datetime="20200102105500.00")], HALF_LIFE
    )
    assert time == datetime(2020, 1, 2, 10, 55)
    assert "GEMS_PETD_01" in how


def test_a_series_made_later_is_worked_back_from_the_count_rate() -> None:
    """The second bed's average count rate lies 300 s after the scan's start."""
    duration = 180.0
    decay = math.log(2) / HALF_LIFE
    average = math.log(decay * duration / (1 - math.exp(-decay * duration))) / decay
    bed = tags(
        "150000",
        "110300",
        frame_reference_ms=(180 + average) * 1000,
        frame_duration_ms=duration * 1000,
    )
    time, how = scan_time([bed], HALF_LIFE)
    assert time is not None
    assert abs(time - datetime(2020, 1, 2, 11)) < timedelta(milliseconds=1)
    assert "FrameReferenceTime" in how


@pytest.mark.parametrize(
    ("bed", "said"),
    [(tags(None, None), "missing"), (tags("110000", None), "AcquisitionTime")],
)
def test_no_time(bed: PetTags, said: str) -> None:
    time, how = scan_time([bed], HALF_LIFE)
    assert time is None
    assert said in how
