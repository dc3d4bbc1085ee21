"""AskFacet: patients by a facet, as the cohort view asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from explorer.condition import Condition
from explorer.facets import Facets
from explorer.select.answer import ANOTHER, Answer, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis


@dataclass(frozen=True)
class AskFacet(Ask):
    """Values, a range or states of one facet; see `Choice.only`.

    Attributes
    ----------
    facet : str
        A name of ``cohort.facets()``.
    values, states : tuple of str
    low, high : float or None
        ``low <= number < high``.
    """

    kind: ClassVar[str] = "only"
    facet: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    states: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.checked("facet", str)
        self.checked("low", int, float, type(None))
        self.checked("high", int, float, type(None))

    @property
    def condition(self) -> Condition:
        """The same as a condition of a choice."""
        return Condition(self.facet, self.values, self.states, self.low, self.high)

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        return self.condition.reason({self.facet: _Titled(self.facet)})  # type: ignore[dict-item]

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        found = facets_of(basis)
        if self.facet not in found:
            everybody = np.arange(basis.count)
            return settle(np.zeros(basis.count, bool), [("no value: no record", everybody)])
        facet = found[self.facet]
        fits = self.condition.fits(found, found.keys_of)
        told = [
            (f"no value: {state}", facet.patient[facet.code == facet.values + k])
            for k, state in enumerate(facet.states)
        ]
        return settle(fits, [*told, (ANOTHER, np.arange(basis.count))])


@dataclass(frozen=True)
class _Titled:
    name: str

    @property
    def title(self) -> str:
        """What stands behind the group's name."""
        return self.name.partition(": ")[2] or self.name


def facets_of(basis: Basis) -> Facets:
    """The facets of everybody in a basis, read once."""
    from explorer.cohort import Cohort
    from explorer.facets import facets

    return basis.once("facets", lambda: facets(Cohort(basis.store, basis)))
