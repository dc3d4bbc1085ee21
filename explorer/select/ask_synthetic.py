"""AskSynthetic: patients of whom something, or nothing, is made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow.compute as pc

from explorer.layout import ORIGIN_TABLES
from explorer.select.answer import Answer, anybody, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis


@dataclass(frozen=True)
class AskSynthetic(Ask):
    """Whether anything is made up rather than measured: the person, or an item, or a record.

    Attributes
    ----------
    made_up : bool
    """

    kind: ClassVar[str] = "synthetic"
    made_up: bool = False

    def __post_init__(self) -> None:
        self.checked("made_up", bool)

    def reason(self) -> str:
        """What it asks for, in words."""
        return "something is made up" if self.made_up else "nothing is made up"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        told = []
        for table in ("attributes", "items", *ORIGIN_TABLES):
            where, data = basis.table(table, "synthetic")
            some = where[pc.fill_null(data["synthetic"], False).to_numpy()]
            what = "the person" if table == "attributes" else table
            told.append((f"made up: {what}", some))
        found = np.zeros(basis.count, bool)
        for _, some in told:
            found |= anybody(some, basis.count)
        if self.made_up:
            return settle(found, [("nothing made up", np.flatnonzero(~found))])
        return settle(~found, told)
