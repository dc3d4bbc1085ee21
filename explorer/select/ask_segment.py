"""AskSegment: patients who have a segment of some name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow.compute as pc

from explorer.select.answer import ANOTHER, Answer, Matches, anybody, missing_states, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis
from explorer.select.day_column import days_of_items


@dataclass(frozen=True)
class AskSegment(Ask):
    """A segment by its name, or by the meaning of its code, without regard to case.

    Attributes
    ----------
    name : str
    missing : tuple of str
    """

    kind: ClassVar[str] = "with_segment"
    name: str
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.checked("name", str)
        missing_states(self.missing)

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        missing = f" (or none: {', '.join(self.missing)})" if self.missing else ""
        return f"has a segment {self.name}{missing}"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        where, data = basis.table("segments", "item", "name", "code_meaning")
        word = self.name.lower()
        mine = pc.or_(
            pc.fill_null(pc.equal(pc.utf8_lower(data["name"]), word), False),
            pc.fill_null(pc.equal(pc.utf8_lower(data["code_meaning"]), word), False),
        )
        found = where[mine.to_numpy()]
        day = days_of_items(basis, "items", found, data["item"].filter(mine))
        fits = anybody(found, basis.count)
        return settle(fits, [(ANOTHER, where)], missing=self.missing, rows=Matches(found, day))
