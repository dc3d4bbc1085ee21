"""Combination: a structure and a state of it that together are an observation."""

from __future__ import annotations

from dataclasses import dataclass

from graphs.finding import Assertion


@dataclass(frozen=True)
class Combination:
    """A structure and a state of it that together are an observation.

    Attributes
    ----------
    entity : str
    assertion : str or None
        'absent' where the state denies it ('the heart is normal in size'), 'uncertain' where it
        leaves it open; else None.
    anatomy, states : frozenset of str
    window : int
        How many words may stand between the two.
    """

    entity: str
    assertion: Assertion | None
    anatomy: frozenset[str]
    states: frozenset[str]
    window: int
