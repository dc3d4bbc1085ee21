"""Epoch: how far a training is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """How far a training is.

    Attributes
    ----------
    number, of : int
        From 1; how many there will be at the most.
    train : float
        Loss on the training patients.
    validation : float or None
        Loss on those that are held out for it; None where a model has none.
    """

    number: int
    of: int
    train: float
    validation: float | None = None

    def of_member(self, member: int, members: int) -> Epoch:
        """As an epoch of the whole, where it is one of several trainings, counted from 0."""
        number = self.number + member * self.of
        return Epoch(number, self.of * members, self.train, self.validation)
