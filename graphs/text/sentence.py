"""Sentence: one statement of a report's text, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """A stretch of text between two ends of statements.

    Attributes
    ----------
    index : int
        From 0, in the order of the text.
    start, end : int
        Unicode code points of the whole text, half-open; no white space at either end.
    """

    index: int
    start: int
    end: int

    def of(self, text: str) -> str:
        """The sentence itself."""
        return text[self.start : self.end]
