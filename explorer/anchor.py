"""Time zero of a patient, and the day of each item from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from explorer.errors import OncographError

FIRST_STUDY = "first study"

# Sources of a time zero that nobody has said: it is found anew whenever rows change.
EARLIEST = "earliest dated item"
COUNTED = "what the records count days from"
JOINED = "of a joined identity: "


@dataclass(frozen=True)
class Anchor:
    """Time zero: a date, what it is, and who says so.

    Attributes
    ----------
    date : str or None
        ISO, ``YYYY-MM-DD``. None where it is only known what the days of tables count from.
    kind : str
        'diagnosis', 'first study', 'treatment start', ...: tables in 'days from X' join to dates
        only through an anchor of kind X.
    source : str
        Where the date stands (an address, a file and column, a person).
    """

    date: str | None
    kind: str
    source: str

    def __post_init__(self) -> None:
        if self.date is None and self.kind:
            return
        if _date(self.date) is None:
            raise _BadDateError(
                f"The anchor's date is {self.date!r}", expected="an ISO date, such as 2019-03-31"
            )


class _BadDateError(OncographError, ValueError):
    pass


def automatic(source: str | None, kind: str | None) -> bool:
    """Whether a time zero follows from the rows, so that nobody's word is lost by another one."""
    return not kind or source is None or source in (EARLIEST, COUNTED) or source.startswith(JOINED)


def day_of(acquired: str | None, anchor: Anchor | None) -> tuple[int | None, str]:
    """Days from time zero, and the state of that value.

    Parameters
    ----------
    acquired : str or None
        ISO date of the item.
    anchor : Anchor or None

    Returns
    -------
    day : int or None
    state : str
        'present', or why there is no day: 'absent: the item has no date', ...
    """
    if acquired is None:
        return None, "absent: the item has no date"
    day = _date(acquired)
    if day is None:
        return None, f"unknown: {acquired!r} is no date"
    zero = _date(anchor.date) if anchor else None
    if zero is None and anchor is not None:
        return None, f"cannot tell: a date, and time zero ({anchor.kind}) has none"
    if zero is None:
        return None, "unknown: the patient has no time zero"
    return (day - zero).days, "present"


def _date(text: object) -> date | None:
    # other ISO forms (20190331, 2019-W13-7) would sort and compare wrongly as text
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
