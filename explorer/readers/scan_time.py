"""The time that a PET series' decay correction START refers to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from explorer.readers.dicom_time import dicom_datetime, dicom_time
from explorer.readers.pet_tags import PetTags


def scan_time(slices: Sequence[PetTags], half_life: float) -> tuple[datetime | None, str]:
    """Find the start of the scan.

    The series' time, unless some slice was acquired before it: then the series is a later
    product, and the time is GE's private scan time, or is worked back from the average count
    rate of the earliest slice (frame reference time), or is the earliest acquisition (QIBA
    vendor-neutral SUV pseudo-code).

    Parameters
    ----------
    slices : sequence of PetTags
        All slices of the series, all beds.
    half_life : float
        s.

    Returns
    -------
    time : datetime or None
        In the data set's local time.
    how : str
        The tags that it came from; what is missing where there is none.
    """
    first = slices[0]
    series = dicom_time(first.series_date, first.series_time)
    acquired = [
        (time, one)
        for one in slices
        if (time := dicom_time(one.acquisition_date, _bare(one.acquisition_time))) is not None
    ]
    if not acquired:
        if series is None:
            return None, "SeriesTime (0008,0031) and AcquisitionTime (0008,0032) are missing"
        return None, "AcquisitionDate or AcquisitionTime (0008,0032) is missing or impossible"
    earliest, tags = min(acquired, key=lambda pair: pair[0])
    if series is not None and series <= earliest:
        return series, "SeriesDate, SeriesTime"
    private = dicom_datetime(first.ge_scan_datetime, first.timezone)
    if private is not None:
        return private, "(0009,xx0D) GEMS_PETD_01"
    reference, duration = tags.frame_reference_ms, tags.frame_duration_ms
    if reference is not None and duration is not None and reference > 0 and duration > 0:
        decay = math.log(2) / half_life
        during = decay * duration / 1000
        average = math.log(during / -math.expm1(-during)) / decay
        back = timedelta(seconds=reference / 1000 - average)
        return earliest - back, "AcquisitionTime, FrameReferenceTime, ActualFrameDuration"
    return earliest, "earliest AcquisitionDate, AcquisitionTime"


def _bare(time: str | None) -> str | None:
    """Cut the offset from UTC off: AcquisitionDateTime may carry one."""
    return time if time is None else time.split("+")[0].split("-")[0]
