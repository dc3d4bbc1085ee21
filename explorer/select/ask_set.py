"""AskSet: what a set has in common with another one, or has besides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from explorer.errors import QueryError
from explorer.select.answer import Answer, settle
from explorer.select.ask import Ask
from explorer.select.ask_among import held_by
from explorer.select.basis import Basis

OPERATORS = {"or": "or", "and": "and also", "minus": "but not"}


@dataclass(frozen=True)
class AskSet(Ask):
    """Another set, joined to this one, or held against it.

    Attributes
    ----------
    operator : {'or', 'and', 'minus'}
    what : str
        What the other set is, in words (hostile text).
    question : dict or None
        Of the other set; None: it is asked for by its keys.
    keys : tuple of str or None
    """

    kind: ClassVar[str] = "set"
    operator: str
    what: str
    question: dict[str, Any] | None = None
    keys: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise QueryError(f"No operator {self.operator!r}", expected=f"of {tuple(OPERATORS)}")
        self.checked("what", str)
        if (self.question is None) == (self.keys is None):
            raise QueryError("A set has its question, or its keys", expected="one of them")

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        return f"{OPERATORS[self.operator]}: {self.what}"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it; whoever is in the other set fits, and with 'minus' whoever is not."""
        if self.question is not None:
            from explorer.cohort import Cohort

            fits = Cohort.asked(basis, self.question).mask
        else:
            fits = held_by(basis, self.keys or ())
        if self.operator == "minus":
            return settle(~fits, [("in the other set", np.flatnonzero(fits))])
        return settle(fits, [("not in the other set", np.flatnonzero(~fits))])
