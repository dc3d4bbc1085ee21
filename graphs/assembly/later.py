"""The later of two times."""

from __future__ import annotations

# Day from time zero, ISO date, and why there is no day.
Time = tuple[int | None, str | None, str | None]


def later(one: Time, other: Time) -> Time:
    """The later of two times; where one is not known, neither is the later one.

    Parameters
    ----------
    one, other : tuple
        (day or None, ISO date or None, state).
    """
    if one[0] is not None and other[0] is not None:
        return max(one, other, key=lambda time: time[0] or 0)
    if one[1] is not None and other[1] is not None:
        return max(one, other, key=lambda time: time[1] or "")
    return next(time for time in (other, one) if time[0] is None)
