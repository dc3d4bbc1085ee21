from __future__ import annotations

from datetime import datetime

import pytest

from explorer.readers.dicom_time import dicom_datetime, dicom_time


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ("20060128", "145759", datetime(2006, 1, 28, 14, 57, 59)),
        ("20060128", "145759.5", datetime(2006, 1, 28, 14, 57, 59, 500000)),
        ("2006.01.28", "14:57:59", datetime(2006, 1, 28, 14, 57, 59)),
        ("20030417", "1050", datetime(2003, 4, 17, 10, 50)),
        ("20060128", "14", datetime(2006, 1, 28, 14)),
        ("20061328", "145759", None),
        ("20060128", "255759", None),
        ("20060128", "", None),
        ("20060128", None, None),
        (None, "145759", None),
        ("tomorrow", "noon", None),
    ],
)
def test_dates_and_times(day: str | None, time: str | None, expected: datetime | None) -> None:
    assert dicom_time(day, time) == expected


def test_offsets_from_utc() -> None:
    assert dicom_datetime("20200102090000+0000", "+0130") == datetime(2020, 1, 2, 10, 30)
    assert dicom_datetime("20200102090000-0500", "-0500") == datetime(2020, 1, 2, 9)
    assert dicom_datetime("20200102090000.25+0100") == datetime(2020, 1, 2, 9, 0, 0, 250000)
    assert dicom_datetime("20200102") is None
