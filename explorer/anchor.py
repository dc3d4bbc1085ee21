"""Time zero of a patient, and the day of each item from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from explorer.errors import OncographError

FIRST_STUDY = "first study"


@dataclass(frozen=True)
class Anchor:
    """A date, what it is, and who says so.

    Attributes
    ----------
    date : str
        ISO, ``YYYY-MM-DD``.
    kind : str
        'diagnosis', 'first study', 'treatment start', ...: tables in 'days from X' join to dates
        only through an anchor of kind X.
    source : str
        Where the date stands (an address, a file and column, a person).
    """

    date: str
    kind: str
    source: str

    def __post_init__(self) -> None:
        try:
            date.fromisoformat(self.date)
        except (TypeError, ValueError) as error:
            raise _BadDateError(
                f"The anchor's date is {self.date!r}", expected="an ISO date, such as 2019-03-31"
            ) from error


class _BadDateError(OncographError, ValueError):
    pass


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
    if anchor is None:
        return None, "unknown: the patient has no time zero"
    return (date.fromisoformat(acquired) - date.fromisoformat(anchor.date)).days, "present"
