"""Prose: a text that is put together from words and numbers, and remembers the numbers' places."""

from __future__ import annotations

from dataclasses import replace

from graphs.said_number import SaidNumber


class Prose:
    """Collects words and numbers.

    Attributes
    ----------
    numbers : list of SaidNumber
        In the order of the text.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.numbers: list[SaidNumber] = []

    @property
    def text(self) -> str:
        """All that was said."""
        return "".join(self._parts)

    def say(self, *parts: str | SaidNumber) -> None:
        """Append words, and numbers as `shown` writes them."""
        for part in parts:
            words = shown(part) if isinstance(part, SaidNumber) else part
            if isinstance(part, SaidNumber):
                end = self._length + len(words)
                self.numbers.append(replace(part, start=self._length, end=end))
            self._parts.append(words)
            self._length += len(words)


def shown(number: SaidNumber) -> str:
    """A number as a report writes it: mm and SUV to a tenth, HU whole, ml to three digits."""
    value = number.value
    if number.unit == "ml":
        digits = 3 if value < 0.1 else 2 if value < 10 else 1 if value < 100 else 0
        return f"{value:.{digits}f}"
    text = f"{value:.1f}" if number.unit in ("mm", "SUV") else f"{value:.0f}"
    return text.removeprefix("-") if float(text) == 0 else text
