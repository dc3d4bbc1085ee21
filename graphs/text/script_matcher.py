"""ScriptMatcher: finds phrases letter by letter, in scripts without spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from graphs.text.term import Term, TermMatch

# Han, kana, half- and full-width forms, hangul: words run together there
SPACELESS = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\uac00-\ud7af\U00020000-\U0003fffd]"
)


class ScriptMatcher:
    """Phrases as one pattern, the longest first.

    Parameters
    ----------
    terms : iterable of Term
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms: dict[str, list[Term]] = {}
        for term in terms:
            self._terms.setdefault(_level(term.text), []).append(term)
        longest = sorted(self._terms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest))) if longest else None

    def find(self, text: str, start: int, end: int) -> list[TermMatch]:
        """The phrases from left to right, the longest at each place, none over another."""
        if self._pattern is None:
            return []
        level = _level(text[start:end])
        return [
            TermMatch(start + one.start(), start + one.end(), tuple(self._terms[one.group()]))
            for one in self._pattern.finditer(level)
        ]


def _level(text: str) -> str:
    """Width and case made equal sign by sign, so that places stay what they are."""
    return "".join(map(_sign, text))


def _sign(sign: str) -> str:
    if sign.isascii():
        return sign.lower()
    plain = unicodedata.normalize("NFKC", sign).casefold()
    return plain if len(plain) == 1 else sign
