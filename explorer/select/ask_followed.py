"""AskFollowed: patients of whom something is known for long enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.errors import QueryError
from explorer.select.answer import Answer, anybody, missing_states, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis
from explorer.select.day_column import day_column

# Of these the follow-up ends where they happen.
_DEATH = ("overall survival", "death", "os")


@dataclass(frozen=True)
class AskFollowed(Ask):
    """Follow-up from the patient's time zero.

    Whoever has anything dated so late was followed so long. Shorter is known where an outcome is
    censored earlier, or was death; in every other case nobody can tell.

    Attributes
    ----------
    days : int
        At least.
    or_died : bool
        Whether those who died before fit, too: nothing more could be seen of them.
    missing : tuple of str
    """

    kind: ClassVar[str] = "followed"
    days: int
    or_died: bool = False
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.checked("days", int)
        self.checked("or_died", bool)
        missing_states(self.missing)
        if self.days < 0:
            raise QueryError(f"days is {self.days}", expected="0 or more")

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        died = ", or until death" if self.or_died else ""
        missing = f" (or none: {', '.join(self.missing)})" if self.missing else ""
        return f"followed for {self.days} days or more{died}{missing}"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        long = _last_day(basis) >= self.days
        where, data = basis.table("events", "kind", "name", "value", "state", "day")
        mine = pc.equal(data["kind"], "outcome")
        mine = pc.and_(mine, pc.equal(pc.fill_null(data["state"], "present"), "present"))
        mine = pc.fill_null(mine, False)
        where, data = where[mine.to_numpy()], data.filter(mine)
        deadly = pc.is_in(pc.utf8_lower(data["name"]), value_set=pa.array(_DEATH)).to_numpy()
        happened = pc.fill_null(pc.equal(data["value"], "event"), False).to_numpy()
        censored = pc.fill_null(pc.equal(data["value"], "censored"), False).to_numpy()
        dated = pc.is_valid(data["day"]).to_numpy()
        died = anybody(where[happened & deadly & dated], basis.count) & self.or_died
        told = [
            ("followed for less", where[dated & (censored | (happened & deadly))]),
            ("cannot tell: how long is not said", np.flatnonzero(~long)),
        ]
        return settle(long | died, told, missing=self.missing)


def _last_day(basis: Basis) -> NDArray[np.float64]:
    """The latest day of anything that is known of a patient; -inf where nothing has a day."""
    found = np.full(basis.count, -np.inf)
    for table in ("items", "texts", "facts", "events", "observations", "vectors"):
        names = ["day"] if table == "texts" else ["day", "state"]
        where, data = basis.table(table, *names)
        held = pc.is_valid(data["day"])
        if "state" in names:
            there = pc.equal(pc.fill_null(data["state"], "present"), "present")
            held = pc.and_(held, there)
        some = held.to_numpy()
        np.maximum.at(found, where[some], day_column(data["day"])[some])
    return found
