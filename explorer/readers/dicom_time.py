"""Dates and times of DICOM text (DICOM PS3.5 6.2: DA, TM, DT)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_TIME = re.compile(r"(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,6}))?)?)?")
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})$")


def dicom_time(day: str | None, time: str | None) -> datetime | None:
    """Join a DA and a TM to a point in time; None where either is missing or impossible.

    Dots in dates and colons in times (ACR-NEMA) are understood, a fraction of a second too.
    """
    digits = re.sub(r"[.\-]", "", (day or "").strip())
    found = _TIME.fullmatch((time or "").strip().replace(":", ""))
    if len(digits) != 8 or found is None:
        return None
    hour, minute, second, fraction = (part or "0" for part in found.groups())
    try:
        return datetime(
            int(digits[:4]),
            int(digits[4:6]),
            int(digits[6:]),
            int(hour),
            int(minute),
            min(int(second), 59),
            int(fraction.ljust(6, "0")),
        )
    except ValueError:
        return None


def dicom_datetime(value: str | None, zone: str | None = None) -> datetime | None:
    """Read a DT; None where it is missing, impossible or has no time of day.

    Parameters
    ----------
    value : str or None
        ``YYYYMMDDHHMMSS.FFFFFF&ZZXX``.
    zone : str or None
        TimezoneOffsetFromUTC of the data set. Where both have an offset the result is in the data
        set's own time, like its DA and TM; where only one has, the clocks are taken as the same.
    """
    bare = (value or "").strip()
    offset = _minutes(bare)
    if offset is not None:
        bare = bare[:-5]
    found = dicom_time(bare[:8], bare[8:])
    local = _minutes((zone or "").strip())
    if found is None or offset is None or local is None:
        return found
    return found + timedelta(minutes=local - offset)


def _minutes(value: str) -> int | None:
    found = _OFFSET.search(value)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes
