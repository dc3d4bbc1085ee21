"""AskWhen: what was asked for last must lie before, or after, an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from explorer.errors import QueryError
from explorer.facet_rows import Pairs
from explorer.select.answer import Answer, Matches, anybody, missing_states, settle
from explorer.select.ask import Ask
from explorer.select.ask_event import events_of
from explorer.select.basis import Basis

Days = NDArray[np.float64]
Bools = NDArray[np.bool_]
SIDES = ("before", "after")


@dataclass(frozen=True)
class AskWhen(Ask):
    """The patient's own rows of the question before, against the first event of a kind.

    Where no such event is recorded, and the patient's time zero is of that kind, it is day 0.
    Whatever has no day is 'cannot tell'; so is an item before the first known event of a patient
    who has another one of whose day nobody knows.

    Attributes
    ----------
    side : {'before', 'after'}
    event : str
        Kind of the event.
    name : str or None
    days : int or None
        At most so many; None: any number.
    same_day : bool
        Whether the event's own day counts; what came first on it is not known.
    missing : tuple of str
        'no record' keeps those without such an event, 'cannot tell' those of whom it is not
        known.
    """

    kind: ClassVar[str] = "when"
    side: str
    event: str
    name: str | None = None
    days: int | None = None
    same_day: bool = False
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise QueryError(f"No side {self.side!r}", expected="before or after")
        self.checked("event", str)
        self.checked("name", str, type(None))
        self.checked("days", int, type(None))
        self.checked("same_day", bool)
        if self.days is not None and self.days < 0:
            raise QueryError(f"days is {self.days}", expected="0 or more")
        missing_states(self.missing)

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        name = f" {self.name}" if self.name is not None else ""
        within = f"at most {self.days} days " if self.days is not None else ""
        same = ", or on its day" if self.same_day else ""
        missing = f" (or none: {', '.join(self.missing)})" if self.missing else ""
        first = "" if self.event.casefold().startswith("first") else "first "
        return f"that {within}{self.side} the {first}{self.event}{name}{same}{missing}"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        if last is None or last.rows is None:
            raise QueryError(
                f"Nothing that has a day was asked for before {self.side!r}",
                expected=f"store.cohort().having('CT').{self.side}({self.event!r})",
            )
        first, open_, states = self._events(basis)
        rows = last.rows
        yes, no = self._truth(rows.day, first[rows.patient], open_[rows.patient])
        without = np.isnan(first) & ~open_
        undated = np.isnan(rows.day)
        kept = ~without[rows.patient]
        doubt = ~yes & ~no & kept
        told: list[tuple[str, ArrayLike]] = [
            (f"cannot tell: the day of {self.event} is not known", rows.patient[doubt & ~undated]),
            ("cannot tell: its day is not known", rows.patient[doubt & undated]),
            (f"not {self.side} it in that time", rows.patient[no & kept]),
            ("no value: no record", np.flatnonzero(without & ~_who(states, basis.count))),
        ]  # fmt: skip
        fits = anybody(rows.patient[yes & kept], basis.count)
        narrowed = Matches(rows.patient[yes & kept], rows.day[yes & kept])
        found = settle(fits, told, states, missing=self.missing, rows=narrowed)
        # who was let in without it has nothing that could lie at another time
        free = last.admitted & ~anybody(rows.patient, basis.count)
        return Answer(
            found.fits | free, found.code, found.labels, found.admitted | free, found.rows
        )

    def _events(self, basis: Basis) -> tuple[Days, Bools, Pairs]:
        """The first known day, whether there are events without a day, and who had none why."""
        where, day, states, _ = events_of(basis, self.event, self.name)
        first = np.full(basis.count, np.inf)
        known = ~np.isnan(day)
        np.minimum.at(first, where[known], day[known])
        first[np.isinf(first)] = np.nan
        open_ = anybody(where[~known], basis.count)
        if self.name is None:
            owner, data = basis.table("attributes", "came_as", "anchor_kind")
            mine = pc.equal(pc.utf8_lower(data["anchor_kind"]), self.event.lower())
            mine = pc.and_kleene(mine, pc.is_null(data["came_as"]))
            zero = anybody(owner[pc.fill_null(mine, False).to_numpy()], basis.count)
            first[zero & np.isnan(first) & ~open_] = 0
        return first, open_, states

    def _truth(self, day: Days, first: Days, open_: Bools) -> tuple[Bools, Bools]:
        """Of each row whether it surely lies so, and whether it surely does not.

        The first event is at `first`, or earlier where there is one whose day is not known.
        """
        limit = np.inf if self.days is None else self.days
        with np.errstate(invalid="ignore"):  # NaN compares as False: neither yes nor no
            gap = first - day if self.side == "before" else day - first
            right = gap >= 0 if self.same_day else gap > 0
            wrong = ~right & ~np.isnan(gap)
            near, far = gap <= limit, gap > limit
        if self.side == "before":
            return right & near & ~open_, wrong | (far & ~open_)
        return right & near & (~open_ | np.isinf(limit)), (wrong & ~open_) | far


def _who(states: Pairs, count: int) -> Bools:
    return anybody(states.patient, count)
