"""Section: a part of a report under one name, with or without a header."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A stretch of a report.

    Attributes
    ----------
    name : str
        'examination', 'indication', 'history', 'technique', 'comparison', 'findings',
        'impression', 'conclusion', 'recommendation', 'gross description', 'final diagnosis', ...;
        'unknown' where neither a header nor the wording tells.
    start, end : int
        Unicode code points of the whole text, half-open, header included.
    body_start : int
        Where the text after the header begins; `start` where there is no header.
    header : str or None
        The header's words as the report writes them; None where the name was inferred.
    score : float
        1 of a header; of an inferred section the mean of the model's probabilities for its
        sentences; 0 of 'unknown'.
    """

    name: str
    start: int
    end: int
    body_start: int
    header: str | None = None
    score: float = 1.0

    def body(self, text: str) -> str:
        """What stands under the header."""
        return text[self.body_start : self.end]
