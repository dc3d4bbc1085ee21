"""Statement: one sentence of a report with the lexicon's matches in it, sorted by kind."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from graphs.finding import ImageReference
from graphs.measured_value import MeasuredValue
from graphs.text.image_references import image_references
from graphs.text.laterality import place_names
from graphs.text.lexicon import Lexicon
from graphs.text.measurements import measurements
from graphs.text.mention import Mention
from graphs.text.place_name import PlaceName
from graphs.text.term import Term, TermMatch

Said = tuple[int, int, str]
# 'no effusion seen, nodule in the left lung': what was looked for ends there
_ENDS = re.compile(r"[;；]|\b(?:seen|identified|noted|evident|visualized),")  # noqa: RUF001


class Statement:
    """A sentence, read.

    Parameters
    ----------
    lexicon : Lexicon
    text : str
        The whole report.
    start, end : int
        Of the sentence.
    language : str or None

    Attributes
    ----------
    mentions : list of Mention
        Observations and quantities, in the order of their places.
    cues, changes, states, modifiers : list of (start, end, entity)
    """

    def __init__(
        self, lexicon: Lexicon, text: str, start: int, end: int, language: str | None = None
    ) -> None:
        self.text, self.start, self.end = text, start, end
        self.matches = lexicon.find(text, start, end, language)
        self.mentions: list[Mention] = []
        self.cues: list[Said] = []
        self.changes: list[Said] = []
        self.states: list[Said] = []
        self.modifiers: list[Said] = []
        self._anatomy: list[TermMatch] = []
        self._sides: list[TermMatch] = []
        for match in self.matches:
            for term in match.terms:
                self._sort(match, term)

    def _sort(self, match: TermMatch, term: Term) -> None:
        said = (match.start, match.end, term.entity)
        if term.kind in ("observation", "quantity"):
            known = [m.term.entity for m in self.mentions[-2:] if m.start == match.start]
            if term.entity not in known:
                self.mentions.append(Mention(match.start, match.end, term, match.start))
        elif term.kind == "anatomy":
            if not self._anatomy or self._anatomy[-1].start != match.start:
                self._anatomy.append(match)
        elif term.kind == "side":
            if not self._sides or self._sides[-1].start != match.start:
                self._sides.append(match)
        elif term.kind == "cue":
            self.cues.append(said)
        elif term.kind == "change":
            self.changes.append(said)
        elif term.kind == "state":
            self.states.append(said)
        else:
            self.modifiers.append(said)

    @cached_property
    def anatomy(self) -> list[Said]:
        """Structures without their sides."""
        return [
            (one.start, one.end, next(t.entity for t in one.terms if t.kind == "anatomy"))
            for one in self._anatomy
        ]

    @cached_property
    def places(self) -> list[PlaceName]:
        """Structures with their sides."""
        return place_names(self.text, self._anatomy, self._sides, self.start)

    @cached_property
    def sides(self) -> list[Said]:
        """Words for sides that belong to no structure."""
        taken = [place.span for place in self.places]
        said = [
            (one.start, one.end, next(t.entity for t in one.terms if t.kind == "side"))
            for one in self._sides
        ]
        return [
            one for one in said if not any(start <= one[0] < end for start, end in taken)
        ]  # fmt: skip

    @cached_property
    def measurements(self) -> list[MeasuredValue]:
        """Sizes, volumes, densities, uptakes."""
        return measurements(self.text, self.start, self.end)

    @cached_property
    def refers(self) -> list[ImageReference]:
        """Series and image numbers."""
        return image_references(self.text, self.start, self.end)

    @cached_property
    def _stops(self) -> list[int]:
        """Where a new clause begins."""
        words = [start for start, _, entity in self.cues if entity == "stop"]
        signs = [one.start() for one in _ENDS.finditer(self.text, self.start, self.end)]
        return sorted(words + signs)

    def clause(self, place: int) -> int:
        """Number of the clause that a place of the text is in."""
        return bisect_right(self._stops, place) if self._stops else 0

    def words_between(self, start: int, end: int) -> int:
        """How many words stand there."""
        return len(self.text[start:end].split())
