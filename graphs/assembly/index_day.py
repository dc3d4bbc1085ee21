"""IndexDay: what was known of each patient on a day, and what cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from explorer.errors import OncographError
from graphs.assembly.event_kind import event_kind
from graphs.assembly.tables import Tables

When = int | str | date
KnownOn = When | Mapping[str, When]
TREATMENT = "treatment"


class KnownOnError(OncographError, ValueError):
    """An index date that is none."""


@dataclass(frozen=True)
class _Cut:
    day: int | None = None
    date: str | None = None
    why_not: str | None = None


@dataclass
class IndexDay:
    """The index date of each patient.

    Parameters
    ----------
    known_on : int, str, date, mapping, or None
        A day from time zero; an ISO date; 'treatment', the first day of the first treatment; or
        one of these for each patient's key. None keeps everything.
    tables : Tables

    Attributes
    ----------
    cannot_tell : list of tuple
        (address, kind, reason) of what has no day that could be compared: it is left out.
    later : dict
        Kind to how many came later, and are left out.

    Raises
    ------
    KnownOnError
        It is no day, no date and not 'treatment'.
    """

    known_on: KnownOn | None
    tables: Tables
    cannot_tell: list[tuple[str, str, str]] = field(default_factory=list)
    later: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._cuts: dict[str, _Cut] = {}
        self._told: set[str] = set()
        if self.known_on is None:
            return
        wanted = _wanted(self.known_on, self.tables.versions)
        zeros = _zeros(self.tables) if any(_is_date(one) for one in wanted.values()) else {}
        treated = _treated(self.tables) if TREATMENT in wanted.values() else {}
        for key in self.tables.versions:
            when = wanted.get(key)
            if when is None:
                self._cuts[key] = _Cut(why_not="no index date was given for the patient")
            elif when == TREATMENT:
                self._cuts[key] = treated.get(key, _Cut(why_not="no treatment has a day"))
            elif isinstance(when, str):
                self._cuts[key] = _of_date(when, zeros.get(key))
            elif isinstance(when, int):
                self._cuts[key] = _Cut(day=when)

    def allows(
        self, key: str, address: str, kind: str, day: int | None, at: str | None, state: str | None
    ) -> bool:
        """Whether something was known on the patient's index date.

        Parameters
        ----------
        key, address, kind : str
        day : int or None
            From the patient's time zero.
        at : str or None
            Its ISO date.
        state : str or None
            Why there is no day.
        """
        if self.known_on is None:
            return True
        cut = self._cuts[key]
        if cut.why_not is None:
            if day is not None and cut.day is not None:
                return self._said(day <= cut.day, address, kind)
            if at is not None and cut.date is not None:
                return self._said(at <= cut.date, address, kind)
        self._not_told(address, kind, cut.why_not or _why(day, at, state))
        return False

    def cut(self, key: str) -> tuple[int | None, str | None, str | None]:
        """A patient's index date as a day and as a date, and why there is none."""
        one = self._cuts[key]
        return one.day, one.date, one.why_not

    def _said(self, known: bool, address: str, kind: str) -> bool:
        if not known and address not in self._told:
            self._told.add(address)
            self.later[kind] = self.later.get(kind, 0) + 1
        return known

    def _not_told(self, address: str, kind: str, reason: str) -> None:
        if address not in self._told:
            self._told.add(address)
            self.cannot_tell.append((address, kind, reason))

    def plain(self) -> Any:
        """The index date as it was asked for, JSON-able."""
        if isinstance(self.known_on, Mapping):
            return {key: _plain(one) for key, one in sorted(self.known_on.items())}
        return _plain(self.known_on)


def _why(day: int | None, at: str | None, state: str | None) -> str:
    if day is None and at is None:
        return "it has no date" if state in (None, "", "present") else str(state)
    return "its day and the index date count from different zeros"


def _plain(one: Any) -> Any:
    return one.isoformat() if isinstance(one, date) else one


def _is_date(one: When) -> bool:
    return isinstance(one, str) and one != TREATMENT


def _wanted(known_on: KnownOn, keys: Iterable[str]) -> dict[str, When]:
    given = known_on if isinstance(known_on, Mapping) else dict.fromkeys(keys, known_on)
    return {key: _checked(_plain(one)) for key, one in given.items()}


def _checked(one: Any) -> When:
    if isinstance(one, int) and not isinstance(one, bool):
        return one
    if one == TREATMENT:
        return TREATMENT
    if isinstance(one, str) and len(one) == 10:
        try:
            return date.fromisoformat(one).isoformat()
        except ValueError:
            pass
    raise KnownOnError(
        f"{one!r} is no index date",
        expected="a day from time zero (an int), an ISO date, or 'treatment'",
    )


def _of_date(when: str, zero: str | None) -> _Cut:
    if zero is None:
        return _Cut(date=when)
    return _Cut(day=(date.fromisoformat(when) - date.fromisoformat(zero)).days, date=when)


def _zeros(tables: Tables) -> dict[str, str]:
    rows = tables.read("attributes", ("patient", "anchor_date", "came_as"))
    return {key: at for key, at, came_as in rows if at and not came_as}


def _treated(tables: Tables) -> dict[str, _Cut]:
    """The first day of the first treatment; unknown where one of them has no day."""
    found: dict[str, _Cut] = {}
    columns = ("patient", "kind", "state", "day", "date")
    for key, kind, state, day, at in tables.read("events", columns):
        if event_kind(kind) != "treatment" or state == "absent":
            continue
        before = found.get(key)
        if day is None or (before is not None and before.why_not):
            # it may have been the first one
            found[key] = _Cut(why_not="a treatment has no day, so the first one is not known")
        elif before is None or (before.day is not None and day < before.day):
            found[key] = _Cut(day=day, date=at)
    return found
