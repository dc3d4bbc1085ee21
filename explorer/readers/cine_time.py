"""When the frames of a cine were taken (DICOM PS3.3 C.7.6.5)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from explorer.readers.dicom_time import dicom_datetime
from explorer.readers.dicom_values import integer, items, number, numbers, text, value

TAGS = (
    "FrameTime",
    "FrameTimeVector",
    "FrameIncrementPointer",
    "CineRate",
    "RecommendedDisplayFrameRate",
    "PerFrameFunctionalGroupsSequence",
)
_TIME, _VECTOR = int(Tag("FrameTime")), int(Tag("FrameTimeVector"))
_RATES = ("CineRate", "RecommendedDisplayFrameRate")
_LONGEST_MS = 1e9  # eleven days


@dataclass(frozen=True)
class CineTime:
    """The time points of a cine.

    Attributes
    ----------
    values : list of float or None
        ms from the first frame, one a frame; None where nothing says it.
    by : str or None
        The DICOM keyword that they come from.
    problem : str or None
    """

    values: list[float] | None = None
    by: str | None = None
    problem: str | None = None

    @property
    def rate_hz(self) -> float | None:
        """Frames a second, on average."""
        if self.values is None or len(self.values) < 2 or self.values[-1] <= 0:
            return None
        return 1000 * (len(self.values) - 1) / self.values[-1]


def cine_time(dataset: Dataset, frames: int) -> CineTime:
    """Read the time of each frame.

    FrameTimeVector and FrameTime say when frames were taken, CineRate and
    RecommendedDisplayFrameRate how fast to show them, which is taken only where nothing else is
    there, and said.

    Parameters
    ----------
    dataset : pydicom.Dataset
        Parsed with `TAGS`.
    frames : int

    Returns
    -------
    CineTime
    """
    steps, step = numbers(dataset, "FrameTimeVector"), number(dataset, "FrameTime")
    points_at = value(dataset, "FrameIncrementPointer")
    pointer = int(points_at) if isinstance(points_at, int) else None
    problem = None
    if steps and pointer != _TIME:
        if len(steps) == frames and all(one >= 0 for one in steps[1:]):
            times = np.cumsum([0.0, *steps[1:]])
            if times[-1] <= _LONGEST_MS:
                return CineTime(times.tolist(), "FrameTimeVector")
        problem = f"FrameTimeVector has {len(steps)} values for {frames} frames, or impossible ones"
    if step is not None and step > 0 and step * frames <= _LONGEST_MS and pointer != _VECTOR:
        return CineTime([step * k for k in range(frames)], "FrameTime", problem)
    if found := _by_frame(dataset, frames):
        return CineTime(found, "FrameAcquisitionDateTime", problem)
    for tag in _RATES:
        rate = integer(dataset, tag)
        if rate is not None and 0 < rate <= 1000:
            values = [1000 * k / rate for k in range(frames)]
            return CineTime(values, tag, problem or f"frame times by {tag}: as shown, not as taken")
    return CineTime(None, None, problem or "nothing says when the frames were taken")


def _by_frame(dataset: Dataset, frames: int) -> list[float] | None:
    """Times of an enhanced file's functional groups, where every frame has one and they ascend."""
    groups = items(dataset, "PerFrameFunctionalGroupsSequence")
    if len(groups) != frames:
        return None
    content = [items(group, "FrameContentSequence") for group in groups]
    found = [
        dicom_datetime(text(one[0], "FrameAcquisitionDateTime")) if one else None for one in content
    ]
    times = [one for one in found if one is not None]
    if len(times) != frames:
        return None
    values = [round((one - times[0]).total_seconds() * 1000, 6) for one in times]
    return values if all(b > a for a, b in itertools.pairwise(values)) else None
