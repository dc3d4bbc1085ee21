"""Condition: what the patients of a choice must be, in one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.facet import Facet

_NAMED = 4  # so many values stand in a reason


@dataclass(frozen=True)
class Condition:
    """One filter.

    A patient fits who has one of `values`, or a number with ``low <= number < high``, or one of
    `states`; or who is among `keys`.

    Attributes
    ----------
    facet : str
        Name of the facet; of a condition on keys, what they are: 'lasso in the map'.
    values, states : tuple of str
        Values, and states of absence.
    low, high : float or None
        Of a numeric facet; both None: no range is asked for.
    keys : frozenset of str or None
        Patients by name; None where a facet is asked.
    """

    facet: str
    values: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    keys: frozenset[str] | None = None

    @property
    def ranged(self) -> bool:
        """Whether it asks for a range."""
        return self.low is not None or self.high is not None

    def __bool__(self) -> bool:
        return bool(self.values or self.states or self.ranged or self.keys is not None)

    def fits(self, facets: Mapping[str, Facet], keys: tuple[str, ...]) -> NDArray[np.bool_]:
        """Who fits.

        Parameters
        ----------
        facets : mapping
        keys : tuple of str
            Of all patients, in the facets' order.

        Returns
        -------
        ndarray of bool, (patient,)
        """
        if self.keys is not None:
            return np.array([key in self.keys for key in keys], bool)
        facet = facets[self.facet]
        found = facet.having(self.values, self.states, len(keys))
        if self.ranged:
            found |= facet.within(self.low, self.high, len(keys))
        return found

    def reason(self, facets: Mapping[str, Facet]) -> str:
        """What it asks for, in words (hostile text)."""
        if self.keys is not None:
            return f"{self.facet}: {len(self.keys)} patients"
        parts = list(self.values[:_NAMED])
        if len(self.values) > _NAMED:
            parts.append(f"{len(self.values) - _NAMED} more")
        if self.ranged:
            low = "" if self.low is None else f"from {self.low:g}"
            high = "" if self.high is None else f"below {self.high:g}"
            parts.append(" ".join(part for part in (low, high) if part))
        parts += [f"no value: {state}" for state in self.states]
        return f"{facets[self.facet].title}: {' or '.join(parts)}"
