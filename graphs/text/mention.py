"""Mention: an observation in a sentence while its parts are being gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphs.finding import Assertion, ImageReference
from graphs.measured_value import MeasuredValue
from graphs.text.place_name import PlaceName
from graphs.text.term import Term

Span = tuple[int, int]


@dataclass
class Mention:
    """One observation, where it stands, and what was attached to it.

    Attributes
    ----------
    start, end : int
    term : Term
    anchor : int
        Where cues look from: 'the heart is not enlarged' is denied before 'enlarged'.
    inside : int or None
        Cues before this place do not reach it; None: all do.
    assertion : str or None
        What the words themselves say; None: what the words around say.
    places : list of PlaceName
    sides : list of (side, span)
    measurements, refers : list
    change : (value, span) or None
    modifiers : list of (value, span)
    plural : bool
    detail : dict
    beyond : int or None
        Of the other side of 'right but no left lung nodule': places of the observation that are
        taken over begin here, without its own side.
    """

    start: int
    end: int
    term: Term
    anchor: int
    inside: int | None = None
    assertion: Assertion | None = None
    places: list[PlaceName] = field(default_factory=list)
    sides: list[tuple[str, Span]] = field(default_factory=list)
    measurements: list[MeasuredValue] = field(default_factory=list)
    refers: list[ImageReference] = field(default_factory=list)
    change: tuple[str, Span] | None = None
    modifiers: list[tuple[str, Span]] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)
    beyond: int | None = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.start, self.end
