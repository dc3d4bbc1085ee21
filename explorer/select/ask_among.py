"""AskAmong: patients of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from explorer.select.answer import Answer, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis


@dataclass(frozen=True)
class AskAmong(Ask):
    """Patients by their keys; those who are not there any more are not.

    Attributes
    ----------
    keys : tuple of str
    what : str
        Where they come from (hostile text).
    """

    kind: ClassVar[str] = "among"
    keys: tuple[str, ...]
    what: str = "a list"

    def __post_init__(self) -> None:
        self.checked("keys", tuple)
        self.checked("what", str)

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        return f"{self.what}: {len(self.keys)} patients"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        fits = held_by(basis, self.keys)
        return settle(fits, [("not among them", np.flatnonzero(~fits))])


def held_by(basis: Basis, keys: tuple[str, ...]) -> NDArray[np.bool_]:
    """Who is among some keys."""
    fits = np.zeros(basis.count, bool)
    fits[basis.positions(keys)] = True
    return fits
