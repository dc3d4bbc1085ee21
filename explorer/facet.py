"""Facet: one thing that patients differ in, with who has which value and who has none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

#: Of a patient of whom no row speaks.
NO_RECORD = "no record"

Ints = NDArray[np.int32]
_BINS = 24


@dataclass(frozen=True, eq=False)
class Facet:
    """Values of one kind over all patients of a store.

    A patient may have several values (modalities), and counts under each. Whoever has no value
    has a state that says why.

    Attributes
    ----------
    name : str
        Unique: 'facts: tumor_stage'.
    title : str
        What people read (hostile text).
    group : str
        'patient', 'data', 'findings', 'facts', 'events' or 'observations'.
    labels : tuple of str
        Values, the most frequent first, then states of absence (hostile text).
    values : int
        How many of the labels are values; the rest are states.
    patient, code : ndarray of int32, (pair,)
        Position of the patient, and of the label; each pair once.
    unit : str
        Of the numbers, as the source says it; empty where it does not.
    number_of, numbers : ndarray, (number,)
        Where the facet is numeric: position of the patient, and the number; its labels are states
        alone then.
    """

    name: str
    title: str
    group: str
    labels: tuple[str, ...]
    values: int
    patient: Ints
    code: Ints
    unit: str = ""
    number_of: Ints | None = None
    numbers: NDArray[np.float64] | None = None

    @property
    def numeric(self) -> bool:
        """Whether it has numbers, and a range of them can be chosen."""
        return self.numbers is not None

    @property
    def states(self) -> tuple[str, ...]:
        """The states of absence."""
        return self.labels[self.values :]

    def counts(self, among: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Patients of each label.

        Parameters
        ----------
        among : ndarray of bool, (patient,)
            Who is counted.

        Returns
        -------
        ndarray of int, (label,)
        """
        found = np.bincount(self.code[among[self.patient]], minlength=len(self.labels))
        return found.astype(np.int64)

    def having(self, values: Iterable[str], states: Iterable[str], count: int) -> NDArray[np.bool_]:
        """Who has one of some values, or one of some states.

        A value may read as a state does ('absent'), so the two are told apart.

        Parameters
        ----------
        values, states : iterable of str
        count : int
            Of all patients.
        """
        named, missing = set(values), set(states)
        wanted = np.array(
            [label in (named if k < self.values else missing)
             for k, label in enumerate(self.labels)], bool,
        )  # fmt: skip
        found = np.zeros(count, bool)
        found[self.patient[wanted[self.code]]] = True
        return found

    def within(self, low: float | None, high: float | None, count: int) -> NDArray[np.bool_]:
        """Who has a number with ``low <= number < high``; None is without bound."""
        found = np.zeros(count, bool)
        if self.numbers is not None and self.number_of is not None:
            fits = np.ones(len(self.numbers), bool)
            if low is not None:
                fits &= self.numbers >= low
            if high is not None:
                fits &= self.numbers < high
            found[self.number_of[fits]] = True
        return found

    @cached_property
    def edges(self) -> NDArray[np.float64]:
        """Edges of round bins over all numbers, the last one above the highest."""
        if self.numbers is None or not len(self.numbers):
            return np.zeros(0)
        low, high = float(self.numbers.min()), float(self.numbers.max())
        # one number alone gets a bin of a width that people would draw around it
        rough = max((high - low) / _BINS, abs(high) * (1e-9 if high > low else 0.05), 1e-12)
        power = 10.0 ** np.floor(np.log10(rough))
        step = next(power * k for k in (1, 2, 2.5, 5, 10) if power * k >= rough * (1 - 1e-9))
        first = np.floor(low / step)
        last = np.floor(high / step) + 1
        made: NDArray[np.float64] = np.arange(first, last + 1) * step
        if made[-1] <= high:  # the division was rounded down
            made = np.append(made, made[-1] + step)
        return made

    @cached_property
    def _binned(self) -> tuple[Ints, NDArray[np.int64]]:
        """Patients and bins, each pair once."""
        if self.numbers is None or self.number_of is None or not len(self.edges):
            return np.zeros(0, np.int32), np.zeros(0, np.int64)
        place = np.searchsorted(self.edges, self.numbers, side="right") - 1
        size = len(self.edges)
        both = np.unique(self.number_of.astype(np.int64) * size + place)
        return (both // size).astype(np.int32), both % size

    def histogram(self, among: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Patients in each of the bins of `edges`; one with several numbers counts in each."""
        patient, place = self._binned
        found = np.bincount(place[among[patient]], minlength=max(len(self.edges) - 1, 0))
        return found.astype(np.int64)
