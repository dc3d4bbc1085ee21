"""AskEvent: patients to whom something happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.facet import Ints
from explorer.facet_rows import Pairs, pairs_of
from explorer.select.answer import ANOTHER, Answer, Matches, anybody, missing_states, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis
from explorer.select.day_column import day_column
from explorer.select.short_state import short_state


@dataclass(frozen=True)
class AskEvent(Ask):
    """An event by its kind, and by its name where one is given; without regard to case.

    Attributes
    ----------
    event : str
        'treatment', 'diagnosis', 'mutation', 'outcome', ...
    name : str or None
    missing : tuple of str
        States: 'absent' where a source says that it did not happen.
    """

    kind: ClassVar[str] = "with_event"
    event: str
    name: str | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.checked("event", str)
        self.checked("name", str, type(None))
        missing_states(self.missing)

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        name = f": {self.name}" if self.name is not None else ""
        missing = f" (or none: {', '.join(self.missing)})" if self.missing else ""
        return f"has an event {self.event}{name}{missing}"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        where, day, states, others = events_of(basis, self.event, self.name)
        fits = anybody(where, basis.count)
        told = [(ANOTHER, others)]
        return settle(fits, told, states, missing=self.missing, rows=Matches(where, day))


def events_of(
    basis: Basis, event: str, name: str | None
) -> tuple[Ints, NDArray[np.float64], Pairs, Ints]:
    """Events of a kind.

    Returns
    -------
    where : ndarray of int32, (event,)
        Patients to whom it happened.
    day : ndarray of float, (event,)
        NaN where it is not known.
    states : Pairs
        Of whom a source says that it did not happen, or why it says nothing.
    others : ndarray of int32
        Patients who had one of the kind with another name.
    """
    where, data = basis.table("events", "kind", "name", "state", "day")
    mine = pc.fill_null(pc.equal(pc.utf8_lower(data["kind"]), event.lower()), False)
    where, data = where[mine.to_numpy()], data.filter(mine)
    others: Ints = np.zeros(0, np.int32)
    if name is not None:
        called = pc.fill_null(pc.equal(pc.utf8_lower(data["name"]), name.lower()), False)
        others = where[~called.to_numpy()]
        where, data = where[called.to_numpy()], data.filter(called)
    state = pc.fill_null(data["state"], "present")
    held = pc.equal(state, "present").to_numpy()
    gone = pairs_of(where[~held], short_state(state.filter(pa.array(~held))))
    return where[held], day_column(data["day"])[held], gone, others
