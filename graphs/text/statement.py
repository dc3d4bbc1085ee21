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
from graphs.text.liver_segments import liver_segments
from graphs.text.measurements import measurements
from graphs.text.mention import Mention
from graphs.text.place_name import PlaceName
from graphs.text.term import Term, TermMatch

Said = tuple[int, int, str]
# 'no effusion seen, nodule in the left lung': what was looked for ends there
_ENDS = re.compile(r"[;；,]")  # noqa: RUF001
_LOOKED = ("seen", "identified", "noted", "evident", "visualized")
_LOOKED_AT = re.compile(rf"\b(?:{'|'.join(_LOOKED)})$")
_DIGIT = re.compile(r"\d")
# 'lymph nodes: 0/12'; the nodes that were looked at are the second number
_NONE_OF = re.compile(
    r"(?<![\w.,/-])(?:0|zero|none)\s*(?:/|(?:out )?of)\s*(?:the )?\d+", re.IGNORECASE
)
_NODES = re.compile(r"\bnodes?\b|\bmetasta", re.IGNORECASE)


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
    related : list of (from, kind, to)
        What `graphs.text.attach.attach` found of the mentions' relations.
    """

    def __init__(
        self, lexicon: Lexicon, text: str, start: int, end: int, language: str | None = None
    ) -> None:
        self.text, self.start, self.end = text, start, end
        self.matches = lexicon.find(text, start, end, language)
        self.mentions: list[Mention] = []
        self.related: list[tuple[int, str, int]] = []
        self.cues: list[Said] = []
        self.changes: list[Said] = []
        self.states: list[Said] = []
        self.modifiers: list[Said] = []
        self._anatomy: list[TermMatch] = []
        self._sides: list[TermMatch] = []
        self._places: list[PlaceName] | None = None
        self._clauses: list[int] | None = None
        self._counts: bool | None = None
        for match in self.matches:
            for term in match.terms:
                self._sort(match, term)

    def _sort(self, match: TermMatch, term: Term) -> None:
        kind, start = term.kind, match.start
        if kind in ("observation", "quantity"):
            known = [m.term.entity for m in self.mentions[-2:] if m.start == start]
            if term.entity not in known:
                self.mentions.append(Mention(start, match.end, term, start))
        elif kind == "anatomy":
            if not self._anatomy or self._anatomy[-1].start != start:
                self._anatomy.append(match)
        elif kind == "side":
            if not self._sides or self._sides[-1].start != start:
                self._sides.append(match)
        elif kind == "cue":
            self.cues.append((start, match.end, term.entity))
        elif kind == "change":
            self.changes.append((start, match.end, term.entity))
        elif kind == "state":
            self.states.append((start, match.end, term.entity))
        else:
            self.modifiers.append((start, match.end, term.entity))

    @property
    def anatomy(self) -> list[Said]:
        """Structures without their sides."""
        return [
            (one.start, one.end, next(t.entity for t in one.terms if t.kind == "anatomy"))
            for one in self._anatomy
        ]

    @property
    def places(self) -> list[PlaceName]:
        """Structures with their sides."""
        if self._places is None:
            found = place_names(self.text, self._anatomy, self._sides, self.start)
            if segments := liver_segments(self.text, self.start, self.end):
                kept = [
                    one for one in found
                    if not any(one.start < s.end and s.start < one.end for s in segments)
                ]  # fmt: skip
                found = sorted([*kept, *segments], key=lambda one: one.span)
            self._places = found
        return self._places

    @property
    def sides(self) -> list[Said]:
        """Words for sides that belong to no structure."""
        if not self._sides:
            return []
        taken = [place.span for place in self.places]
        return [
            one for one in self.side_words if not any(start <= one[0] < end for start, end in taken)
        ]  # fmt: skip

    @property
    def side_words(self) -> list[Said]:
        """All words for sides."""
        return [
            (one.start, one.end, next(t.entity for t in one.terms if t.kind == "side"))
            for one in self._sides
        ]

    @property
    def measurements(self) -> list[MeasuredValue]:
        """Sizes, volumes, densities, uptakes."""
        if not self._numbers():
            return []
        return measurements(self.text, self.start, self.end)

    @property
    def refers(self) -> list[ImageReference]:
        """Series and image numbers."""
        if not self._numbers():
            return []
        return image_references(self.text, self.start, self.end)

    @cached_property
    def none_of(self) -> Said | None:
        """Words that say that none of so many lymph nodes is meant."""
        if not self._numbers():
            return None
        none = _NONE_OF.search(self.text, self.start, self.end)
        if none is None or not _NODES.search(self.text, self.start, self.end):
            return None
        return none.start(), none.end(), "none_of"

    def _numbers(self) -> bool:
        if self._counts is None:
            self._counts = _DIGIT.search(self.text, self.start, self.end) is not None
        return self._counts

    @property
    def _stops(self) -> list[int]:
        """Where a new clause begins."""
        if self._clauses is None:
            found = [start for start, _, entity in self.cues if entity == "stop"]
            for one in _ENDS.finditer(self.text, self.start, self.end):
                at = one.start()
                if one[0] != ",":
                    found.append(at)
                elif self.text[max(self.start, at - 10) : at].endswith(_LOOKED):
                    looked = _LOOKED_AT.search(self.text, max(self.start, at - 10), at)
                    if looked:
                        found.append(looked.start())
            self._clauses = sorted(found)
        return self._clauses

    def clause(self, place: int) -> int:
        """Number of the clause that a place of the text is in."""
        stops = self._stops
        return bisect_right(stops, place) if stops else 0

    def words_between(self, start: int, end: int) -> int:
        """How many words stand there."""
        return len(self.text[start:end].split())
