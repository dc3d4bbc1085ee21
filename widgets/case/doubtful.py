"""doubtful: words of a text that may name somebody, for a person to look at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from explorer.privacy.vocabulary import is_known

_WORD = re.compile(r"(?<![\w\[])[^\W\d_][\w'\-]*|(?<![\w.])\d{5,}(?!\w|\.\d)")
_TITLE = re.compile(r"\b(?:dr|prof|mr|mrs|ms|md|nurse|signed|herr|frau|mme|dra?)\.?\s*$", re.I)
_PLACEHOLDER = re.compile(r"\[(?:NAME|ID|UID|ADDRESS|PHONE|MAIL|LINK|BIRTH DATE|DATE|AGE 90\+)\]")
_BEGINS = re.compile(r"(?:^|[.:;!?\n]|\n\s*[-*\d.]+)\s*$")
_MOST = 200


@dataclass(frozen=True)
class Doubt:
    """A word to look at.

    Attributes
    ----------
    word : str
    count : int
    context : str
        What stands around it where it comes first.
    """

    word: str
    count: int
    context: str


def doubtful(texts: Iterable[str]) -> list[Doubt]:
    """Words that no vocabulary of anatomy, findings and technique has and that look like names.

    Those written with a capital letter, those behind a title or 'signed', and numbers of five
    digits or more. A list to read, not a proof: a name that is written like a common word is not
    on it.

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    list of Doubt
        In the order of their first place, 200 at most.
    """
    count: Counter[str] = Counter()
    first: dict[str, str] = {}
    for whole in texts:
        text = _PLACEHOLDER.sub(lambda m: " " * len(m[0]), whole)
        lower = {m[0] for m in _WORD.finditer(text) if m[0].islower()}
        for found in _WORD.finditer(text):
            word, before = found[0], text[max(0, found.start() - 16) : found.start()]
            if not _doubted(word, before, lower):
                continue
            count[word] += 1
            near = whole[max(0, found.start() - 30) : found.end() + 30]
            first.setdefault(word, " ".join(near.split()))
    return [Doubt(word, count[word], near) for word, near in list(first.items())[:_MOST]]


@cache
def _common() -> frozenset[str]:
    """Words that sentences of reports begin with; `vocabulary` has those of medicine."""
    return frozenset((Path(__file__).parent / "common_words.txt").read_text("utf-8").split())


def _doubted(word: str, before: str, lower: set[str]) -> bool:
    if word.isdigit():
        return True
    if _TITLE.search(before) and word.casefold() not in _common():
        return True
    if not word[0].isupper() or word.casefold() in _common() or len(word) < 2:
        return False
    if _BEGINS.search(before) and word.casefold() in lower:
        return False  # the same word stands in lower case elsewhere
    return not all(is_known(part) for part in re.split(r"[-']", word) if part)
