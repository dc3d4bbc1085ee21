"""Put one error into a report on purpose, so that checks of reports can be measured."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from graphs.errors import CheckError
from graphs.text.sections import sections
from graphs.text.sentences import sentences

ErrorKind = Literal["side", "negation", "size", "swap", "omission"]
ERROR_KINDS: tuple[ErrorKind, ...] = ("side", "negation", "size", "swap", "omission")

_SWAPS = Path(__file__).parents[1] / "data" / "swaps.yaml"
_READ = frozenset({"findings", "impression", "conclusion", "unknown"})
_SIDE = re.compile(
    r"\b(?:left|right)(?!\s+(?:heart|ventric|atri|now|greater|more|less|and|or|than)\b)(?=[\s-])",
    re.I,
)
_SIZE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(?=\s*(?:x\s*\d+(?:\.\d+)?\s*)*(?:mm|cm)\b)", re.I)
_ABSENT = re.compile(
    r"\b(?:(?:there (?:is|are) )?no (?:evidence (?:of|for) |definite |focal |large )?|without "
    r"(?:evidence of )?)",
    re.I,
)
_NEGATED = re.compile(r"\b(?:no|not|without|negative|free|clear|resolved|normal|denies)\b", re.I)
_HEDGED = re.compile(r"\b(?:may|might|possible|possibly|probable|probably|likely|question)\b", re.I)
_THERE = re.compile(r"\bthere (?:is|are)\b(?: an?\b)?", re.I)
_VERB = re.compile(r"\b(?:is|are|was|were|appears?|has|have)\b", re.I)
_NUMBER = re.compile(r"\d{1,2}[.)]\s*")
_SUBJECT = re.compile(r"(?:the|this|these|those|that|it|there|lateral|frontal|pa|ap)\b", re.I)
_NEAR_WORDS = 4
_OTHER = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Injected:
    """A report with one error.

    Attributes
    ----------
    text : str
        ``original[:span[0]] + after + original[span[1]:]``; nothing else is changed.
    kind : {'side', 'negation', 'size', 'swap', 'omission'}
    span : tuple of int
        What was replaced, in the original text; Unicode code points, half-open.
    before, after : str
    """

    text: str
    kind: ErrorKind
    span: tuple[int, int]
    before: str
    after: str


def inject(text: str, kind: ErrorKind, seed: int) -> Injected:
    """Put an error of one kind into a report's findings or impression.

    'side' turns a left into a right; 'negation' takes a 'no' away or puts one in; 'size' makes a
    length 1.6 to 3 times as long, or as short; 'swap' puts another observation in an
    observation's place; 'omission' leaves a sentence out that says that something is there. Its
    words are its own (graphs/data/swaps.yaml and a few patterns), not the extractor's lexicon: it
    can make errors that the extractor does not see.

    Parameters
    ----------
    text : str
    kind : str
    seed : int
        The same text, kind and seed give the same error.

    Returns
    -------
    Injected

    Raises
    ------
    CheckError
        The text offers no place for it; `injectable` tells.
    """
    places = _places(text, kind)
    if not places:
        raise CheckError(f"The text has no place for an error of kind {kind!r}")
    chance = random.Random(f"{seed}/{kind}/{len(text)}")
    start, end = chance.choice(places)
    before = text[start:end]
    after = _after(text, kind, start, end, chance)
    return Injected(text[:start] + after + text[end:], kind, (start, end), before, after)


def injectable(text: str) -> tuple[ErrorKind, ...]:
    """The kinds of errors that a report offers a place for."""
    return tuple(kind for kind in ERROR_KINDS if _places(text, kind))


def _places(text: str, kind: ErrorKind) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in _read(text):
        said = text[start:end]
        terms = [(m.start(), m.end()) for m in _terms().finditer(said)]
        if kind == "side":
            found += [(start + m.start(), start + m.end()) for m in _SIDE.finditer(said)]
        elif kind == "size":
            found += [(start + m.start(1), start + m.end(1)) for m in _SIZE.finditer(said)]
        elif kind == "swap" and terms and not _NEGATED.search(said) and not _HEDGED.search(said):
            found += [(start + a, start + b) for a, b in terms]
        elif kind == "negation" and terms:
            found += [(start + a, start + b) for a, b in _negation(said, terms)]
        elif kind == "omission" and terms and not _NEGATED.search(said):
            found.append((start, end))
    return found


def _negation(said: str, terms: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A cue to take away, or an empty place to put one in."""
    first = terms[0][0]
    cues = [
        m
        for m in _ABSENT.finditer(said)
        if m.end() <= first and said[m.end() : first].count(".") == 0
    ]
    if cues:
        return [(cues[-1].start(), cues[-1].end())]
    if _NEGATED.search(said) or _HEDGED.search(said):
        return []
    there = _THERE.search(said)
    if there and there.end() < first:
        return [(there.start(), there.end())]
    verb = _VERB.search(said)
    if verb and verb.end() < first:
        return [(verb.end(), verb.end())]
    head = _NUMBER.match(said)
    start = head.end() if head else 0
    if _SUBJECT.match(said, start) or said[start:first].count(" ") > _NEAR_WORDS:
        return []
    return [(start, start + 1)]


def _after(text: str, kind: ErrorKind, start: int, end: int, chance: random.Random) -> str:
    before = text[start:end]
    if kind == "side":
        return _like(before, _OTHER[before.lower()])
    if kind == "size":
        factor = chance.uniform(1.6, 3.0) ** chance.choice((-1, 1))
        digits = len(before.partition(".")[2])
        made = f"{float(before) * factor:.{digits}f}"
        if float(made) in (0.0, float(before)):
            made = f"{float(before) * 2:.{digits}f}"
        return made
    if kind == "omission":
        return ""
    if kind == "swap":
        return _like(before, _another(before, chance))
    if not before:
        return " not"
    if _ABSENT.fullmatch(before):
        there = re.match(r"there (?:is|are) ", before, re.I)
        return (
            there[0]
            if there
            else "With "
            if before[0] == "W"
            else "with "
            if before[:4].lower() == "with"
            else ""
        )
    if _THERE.fullmatch(before):
        return re.sub(r" an?$", "", before, flags=re.I) + " no"
    # 'XXXX', 'COPD' keep their capitals
    return "No " + (before.lower() if text[end : end + 1].islower() else before)


def _another(term: str, chance: random.Random) -> str:
    """Another observation of the same number, and no other word for the same."""
    lists = _lists()
    own = term.lower()
    many = own.endswith("s") and not own.endswith(("sis", "ss", "ax"))
    plural = own in lists["plural"] or (many and own not in lists["singular"])
    number = "plural" if plural else "singular"
    stem = own.split()[-1].rstrip("s")
    return chance.choice([one for one in lists[number] if stem[:5] not in one])


def _like(before: str, after: str) -> str:
    """In the capitals of what it replaces."""
    if before.isupper() and len(before) > 1:
        return after.upper()
    return after.capitalize() if before[:1].isupper() else after


def _read(text: str) -> list[tuple[int, int]]:
    """Sentences of the sections that state what was seen."""
    parts = sections(text)
    kept = [part for part in parts if part.name in _READ]
    return [
        (one.start, one.end)
        for one in sentences(text, parts)
        if any(part.start <= one.start < part.end for part in kept)
    ]


@lru_cache(maxsize=1)
def _lists() -> dict[str, list[str]]:
    import yaml

    found: dict[str, list[str]] = yaml.safe_load(_SWAPS.read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def _terms() -> re.Pattern[str]:
    every = sorted({one for part in _lists().values() for one in part}, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(re.escape(one) for one in every) + r")\b", re.I)
