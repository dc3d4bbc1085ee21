"""sentences: where the statements of a report begin and end."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from graphs.text.section import Section
from graphs.text.sentence import Sentence

_ABBREVIATIONS = Path(__file__).parent / "data" / "abbreviations.csv"

# Full stops of scripts without spaces end a sentence wherever they stand; an ASCII one needs white
# space, or a capitalised word right behind a small letter ('clear.The heart').
_CLOSERS = "\"'”’)\\]）」』】*"  # noqa: RUF001 - brackets as they are written
# One set of signs first, then what each needs around it: a search over signs alone is quick.
_END = re.compile(
    r"[。！？｡．.!?\n](?:"  # noqa: RUF001
    rf"(?<=[。！？｡])[。！？｡]*[{_CLOSERS}]*"  # noqa: RUF001
    r"|(?<=．)(?<!\d．)．*|(?<=．)(?!\d)"  # noqa: RUF001
    rf"|(?<=[.!?])(?<![.!?][.!?])[.!?]*+[{_CLOSERS}]*+(?=\s|$)"
    r"|(?<=[^\W\d_A-Z]{2}\.)(?=[A-Z][a-z])"
    r"|(?<=\n)\s*)"
)
_WORD_BEFORE = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*$")
_MARKER = re.compile(r"[(\[]?(?:\d{1,2}|[A-Za-z])[.)\]][)\]]?|[-*•·▪–]")  # noqa: RUF001
_ITEM = re.compile(rf"(?:{_MARKER.pattern})\s")
_NUMBER_INSIDE = re.compile(r"(?<=\s)\(?(\d{1,2})[.)]\s+(?=\S)")
_FIRST_NUMBER = re.compile(r"\(?(\d{1,2})[.)](?=\s)")
_NUMBER_BEFORE = re.compile(r"\s\(?(\d{1,2})$")
_GRADED = re.compile(
    r"\b(?:vitamin|hepatitis|type|stage|grade|class|group|level|category)\s+$", re.I
)
_SOLID = re.compile(r"\S+")
_SAYS = re.compile(r"\w")
_LONGEST_MARKER = 5
_WIDEST = 120  # a longer line is a paragraph on one line, not a wrapped one
_TERMINAL = ".!?:;。！？：；｡．"  # noqa: RUF001


def sentences(text: str, parts: Sequence[Section] | None = None) -> list[Sentence]:
    """Find the sentences of a report.

    Every character but white space is in exactly one sentence (and headers of `parts` in none).
    Abbreviations, decimals ('2.3 cm'), list numbers ('1. No mass'), redactions ('XXXX') and lines
    that are wrapped at a width do not end one; an item of a list, a blank line, and the full stops
    of Chinese and Japanese do.

    Parameters
    ----------
    text : str
        Hostile; of any length and script.
    parts : sequence of Section, optional
        What `graphs.text.sections.sections` found: no sentence crosses from one into another, and
        headers are left out.

    Returns
    -------
    list of Sentence
        In the order of the text.

    Examples
    --------
    >>> text = "A 2.3 cm nodule. 1. No effusion"
    >>> [text[one.start : one.end] for one in sentences(text)]
    ['A 2.3 cm nodule.', '1. No effusion']
    """
    spans = [(0, len(text))] if parts is None else [(p.body_start, p.end) for p in parts]
    width = _wrapped_at(text)
    found: list[Sentence] = []
    for start, end in spans:
        for begin, stop in _split(text, start, end, width):
            says = text[begin].isalnum() or _SAYS.search(text, begin, stop)
            if not says and found and found[-1].start >= start:
                found[-1] = replace(found[-1], end=stop)  # a full stop too many: 'clear. .'
            else:
                found.append(Sentence(len(found), begin, stop))
    return found


def _split(text: str, start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    """Trimmed stretches of ``text[start:end]``, none empty."""
    begin, number = start, _number_at(text, start, end, 0)
    for match in _END.finditer(text, start, end):
        at = match.start()
        if at < begin:
            continue
        if number and _next_item(text, begin, match, number):
            continue
        if not _ends(text, begin, match, end, width):
            continue
        if number:
            for one in _items(text, begin, match.end(), number):
                number = _number_at(text, one[0], end, number)
                yield one
        else:
            first, stop = _trimmed(text, begin, match.end())
            if stop > first:
                yield first, stop
        begin = match.end()
        number = _number_at(text, begin, end, number)
    yield from _items(text, begin, end, number)


def _items(text: str, start: int, end: int, number: int) -> Iterator[tuple[int, int]]:
    """One sentence, or the items of a list that runs on without full stops: '1. Mass 2. Cyst'."""
    cuts = [start]
    if number:
        for match in _NUMBER_INSIDE.finditer(text, start, end):
            if int(match[1]) == number + 1:
                number += 1
                cuts.append(match.start())
    for begin, stop in zip(cuts, [*cuts[1:], end], strict=True):
        first, last = _trimmed(text, begin, stop)
        if last > first:
            yield first, last


def _number_at(text: str, begin: int, end: int, number: int) -> int:
    """Number of the list's item that begins here, or of the last one before."""
    while begin < end and text[begin].isspace():
        begin += 1
    if begin == end or text[begin].isalpha():
        return number  # the usual case
    first = _FIRST_NUMBER.match(text, begin)
    return int(first[1]) if first else number


def _next_item(text: str, begin: int, match: re.Match[str], number: int) -> bool:
    """Whether this full stop belongs to the number of the list's next item."""
    if match[0] != ".":
        return False
    before = _NUMBER_BEFORE.search(text, max(0, match.start() - 4), match.start())
    if before is None:
        return False
    one_less = re.compile(rf"\s\(?0?{int(before[1]) - 1}[.)]\s")
    return int(before[1]) == number + 1 or one_less.search(text, begin, match.start()) is not None


def _skip(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the white space at both ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _ends(text: str, begin: int, match: re.Match[str], end: int, width: int) -> bool:
    """Whether a full stop or a line's end is the end of the sentence that began at `begin`."""
    mark = match[0]
    if "\n" in mark:
        return _line_ends(text, begin, match, end, width)
    if mark[0] != ".":
        return True
    at = match.start()
    begin = _skip(text, begin, at)
    if match.end() - begin <= _LONGEST_MARKER and _MARKER.fullmatch(text, begin, match.end()):
        return False  # a list's number
    word, first = _word_before(text, max(begin, at - 20), at)
    if not word:
        return True
    lower = word.lower()
    kind = _abbreviations().get(lower)
    if kind is None and len(lower) > 1 and "." not in lower:
        return True  # the usual case
    following = text[match.end() : match.end() + 40].lstrip()
    if kind == "always" or (kind is None and "." in lower and len(lower) <= 7):
        return not following
    if kind == "open":
        return not following or not (following[0].islower() or following[0].isdigit())
    # an initial: 'J. Smith'; the letter of a kind or grade is none ('hepatitis C. The liver')
    single = len(lower) == 1 and word.isupper() and following[:1].isupper()
    return not (single and not _GRADED.search(text, max(begin, first - 20), first))


def _word_before(text: str, start: int, end: int) -> tuple[str, int]:
    """The word, or letters with full stops between, that ends there, and where it begins."""
    said = text[start:end]
    if said[-1:].isalpha():
        last = said.rsplit(None, 1)[-1]
        if last.isalpha():
            return last, end - len(last)  # the usual case
    found = _WORD_BEFORE.search(text, start, end)
    return (found[0], found.start()) if found else ("", end)


def _line_ends(text: str, begin: int, match: re.Match[str], end: int, width: int) -> bool:
    after, before = match.end(), match.start()
    if after >= end or match[0].count("\n") > 1:
        return True
    if _MARKER.fullmatch(text[begin:before].strip()):
        return False  # the number of an item, alone on its line
    if text[max(begin, before - 9) : before].rstrip()[-1:] in _TERMINAL or _ITEM.match(text, after):
        return True
    if text[after].islower():
        return False
    line = before - (text.rfind("\n", 0, before) + 1)
    word = _SOLID.match(text, after)
    return not (width and line + 1 + len(word[0] if word else "") > width)


def _wrapped_at(text: str) -> int:
    """Width at which the text's lines are wrapped; 0 where they are not."""
    if text.count("\n") < 2:
        return 0
    lengths = [len(line.rstrip()) for line in text.split("\n")]
    width = max(lengths)
    full = sum(length > 0.8 * width for length in lengths)
    return width if 50 <= width <= _WIDEST and full >= 2 else 0


@cache
def _abbreviations() -> dict[str, str]:
    with _ABBREVIATIONS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["abbreviation"].lower(): row["kind"] for row in rows}
