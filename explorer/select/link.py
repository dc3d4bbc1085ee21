"""Link: one question of a cohort's chain, with its answer and who was left after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.choice import Step
from explorer.facet import Ints
from explorer.select.answer import Answer, Matches
from explorer.select.ask import Ask

_NOT_THERE = "no such patient then"


@dataclass(frozen=True, eq=False)
class Link:
    """A step of a chain.

    Attributes
    ----------
    ask : Ask
    answer : Answer
    before, after : ndarray of bool, (patient,)
        Who was left.
    """

    ask: Ask
    answer: Answer
    before: NDArray[np.bool_]
    after: NDArray[np.bool_]

    @property
    def reason(self) -> str:
        """What was asked for, in words, and what it came to (hostile text)."""
        more = f" ({self.answer.words})" if self.answer.words else ""
        return f"{self.ask.reason()}{more}"

    @property
    def step(self) -> Step:
        """The numbers, for people."""
        why = self.answer.why(self.before & ~self.after)
        return Step(self.reason, int(self.before.sum()), int(self.after.sum()), why)

    def moved(self, places: Ints, count: int) -> Link:
        """The same among more patients.

        Parameters
        ----------
        places : ndarray of int32, (patient,)
            Where each one stands now.
        count : int
            Of all.
        """

        def bools(old: NDArray[np.bool_]) -> NDArray[np.bool_]:
            found = np.zeros(count, bool)
            found[places[: len(old)]] = old
            return found

        labels = (*self.answer.labels, _NOT_THERE)
        code = np.full(count, len(labels) - 1, np.int16)
        code[places] = self.answer.code
        rows = self.answer.rows
        moved = None if rows is None else Matches(places[rows.patient], rows.day)
        admitted = self.answer.admitted
        answer = Answer(
            bools(self.answer.fits), code, labels,
            bools(admitted) if len(admitted) else admitted, moved, self.answer.words,
        )  # fmt: skip
        return Link(self.ask, answer, bools(self.before), bools(self.after))
