"""Choice: the patients who fit some conditions, and who was left out why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.condition import Condition
from explorer.errors import NotFoundError
from explorer.facets import Facets


@dataclass(frozen=True)
class Step:
    """One step of the flow from all patients to those who were chosen.

    Attributes
    ----------
    reason : str
        What was asked for (hostile text).
    before, left : int
        Patients before the step, and after it.
    why : dict of str to int
        Of those who were left out: how many have another value, and how many have none, by the
        state of its absence.
    """

    reason: str
    before: int
    left: int
    why: dict[str, int]


class Choice:
    """Conditions, each on another facet, that patients must fit together.

    Parameters
    ----------
    facets : Facets

    Attributes
    ----------
    conditions : dict of str to Condition
        By facet, in the order in which they were made.
    """

    def __init__(self, facets: Facets) -> None:
        self.facets = facets
        self.conditions: dict[str, Condition] = {}
        self._fits: dict[str, NDArray[np.bool_]] = {}

    def only(
        self,
        facet: str,
        values: Iterable[str] = (),
        *,
        low: float | None = None,
        high: float | None = None,
        states: Iterable[str] = (),
    ) -> None:
        """Ask for values, a range or states of absence of a facet, instead of what was asked.

        Nothing of all this takes the condition away.

        Parameters
        ----------
        facet : str
        values : iterable of str
            One of them.
        low, high : float, optional
            ``low <= number < high``, in the facet's unit.
        states : iterable of str
            Patients without a value whose state is one of these fit, too.

        Raises
        ------
        NotFoundError
            There is no such facet, value or state.
        """
        if facet not in self.facets:
            raise NotFoundError(f"No facet {facet!r}", expected="a name in facets(store)")
        one = self.facets[facet]
        values, states = tuple(dict.fromkeys(values)), tuple(dict.fromkeys(states))
        known = set(one.labels[: one.values])
        for kind, asked, there in (("value", values, known), ("state", states, set(one.states))):
            for label in asked:
                if label not in there:
                    raise NotFoundError(f"No {kind} {label!r}", where=f"facet {facet!r}")
        self._set(Condition(facet, values, states, low, high))

    def among(self, keys: Iterable[str], what: str) -> None:
        """Ask for some patients by their keys.

        Parameters
        ----------
        keys : iterable of str
        what : str
            Where they come from, for people: 'lasso in the map'.
        """
        self._set(Condition(what, keys=frozenset(keys)))

    def toggle(self, facet: str, label: str, *, state: bool = False) -> None:
        """Ask for one more value of a facet, or for one less.

        Parameters
        ----------
        facet : str
        label : str
        state : bool
            Whether it is a state of absence.

        Raises
        ------
        NotFoundError
            There is no such facet, value or state.
        """
        asked = self.conditions.get(facet)
        values = list(asked.values) if asked else []
        states = list(asked.states) if asked else []
        mine = states if state else values
        mine.remove(label) if label in mine else mine.append(label)
        low, high = (asked.low, asked.high) if asked else (None, None)
        self.only(facet, values, low=low, high=high, states=states)

    def renewed(self, facets: Facets) -> Choice:
        """The same conditions on facets that were read again, as far as they mean something."""
        made = Choice(facets)
        for one in self.conditions.values():
            if one.keys is not None:
                made.among(one.keys, one.facet)
            elif one.facet in facets:
                there = facets[one.facet]
                values = [label for label in one.values if label in there.labels[: there.values]]
                states = [label for label in one.states if label in there.states]
                made.only(one.facet, values, low=one.low, high=one.high, states=states)
        return made

    def drop(self, name: str) -> None:
        """Take a condition away; nothing happens where there is none."""
        self.conditions.pop(name, None)
        self._fits.pop(name, None)

    def clear(self) -> None:
        """Take all conditions away."""
        self.conditions.clear()
        self._fits.clear()

    def _set(self, condition: Condition) -> None:
        if not condition:
            self.drop(condition.facet)
            return
        # a condition that is changed keeps its place in the flow
        self.conditions[condition.facet] = condition
        self._fits[condition.facet] = condition.fits(self.facets, self.facets.keys_of)

    def mask(self, without: str | None = None) -> NDArray[np.bool_]:
        """Who fits all conditions.

        Parameters
        ----------
        without : str, optional
            A facet whose own condition does not count: its other values could be added.

        Returns
        -------
        ndarray of bool, (patient,)
        """
        found = np.ones(len(self.facets.keys_of), bool)
        for name, fits in self._fits.items():
            if name != without:
                found &= fits
        return found

    def counts(self, facet: str) -> dict[tuple[str, bool], int]:
        """Patients of each label of a facet, among those who fit the other conditions.

        Returns
        -------
        dict
            ``(label, whether it is a state of absence)`` to the number of patients.
        """
        one = self.facets[facet]
        found = one.counts(self.mask(facet))
        return {
            (label, k >= one.values): int(found[k]) for k, label in enumerate(one.labels)
        }  # fmt: skip

    @property
    def chosen(self) -> list[str]:
        """Keys of those who fit, in the order of their labels."""
        return [self.facets.keys_of[k] for k in np.flatnonzero(self.mask())]

    @property
    def steps(self) -> list[Step]:
        """From all to those who were chosen."""
        left = np.ones(len(self.facets.keys_of), bool)
        found = []
        for name, condition in self.conditions.items():
            out = left & ~self._fits[name]
            before, left = int(left.sum()), left & self._fits[name]
            reason = condition.reason(self.facets)
            found.append(Step(reason, before, int(left.sum()), self._why(condition, out)))
        return found

    def _why(self, condition: Condition, out: NDArray[np.bool_]) -> dict[str, int]:
        total = int(out.sum())
        if condition.keys is not None:
            return {"not among them": total} if total else {}
        facet = self.facets[condition.facet]
        counted = facet.counts(out)[facet.values :]
        states = {
            f"no value: {label}": int(n)
            for label, n in zip(facet.states, counted, strict=True)
            if n
        }
        other = total - sum(states.values())
        return ({"another value": other} if other else {}) | states
