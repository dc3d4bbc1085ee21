"""What an extractor of findings is; others register theirs under ``oncograph.extractors``."""

from __future__ import annotations

from typing import Protocol

from graphs.finding import Finding
from graphs.producer import Producer


class Extractor(Protocol):
    """Turns the text of a report into findings; never writes.

    Attributes
    ----------
    producer : Producer
    """

    producer: Producer

    def extract(self, text: str, *, language: str | None = None) -> list[Finding]:
        """Find the statements of a report.

        Parameters
        ----------
        text : str
            Hostile.
        language : str or None
            ISO 639-1, or None where it is unknown.

        Returns
        -------
        list of Finding
            In the order of their places; without ids. Relations name others by position.

        Raises
        ------
        ExtractionRefusedError
            What a model answered is not what was asked for; nothing of it is kept.
        """
        ...
