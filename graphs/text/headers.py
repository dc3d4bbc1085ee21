"""headers: where a report names its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphs.text.section_names import ENDINGS, SectionNames

# What may stand before a header on its line ('2) FINDINGS', '## Findings', '【所見】').
_BEFORE = re.compile(r"\s*(?:[#>*_\s【\[(［〔<■●◆▪○◇]|\d{1,2}[.)、](?=\s|[^\d\s]))*")  # noqa: RUF001
_WORD = re.compile(r"[^\s:：】\]］〕>。！？；，,;!?]+")  # noqa: RUF001
_COLON = re.compile(
    r"[*_】\]］〕>]*(?:[ \t]*[(（][^()（）\n]{0,40}[)）])?[ \t]*[:：][*_】\]]*"  # noqa: RUF001
)
_BRACKET = re.compile(r"[】\]］〕][ \t]*")  # noqa: RUF001
_ALONE = re.compile(r"[*_】\]］〕>)]*[ \t]*\r?$")  # noqa: RUF001
_DASH = re.compile(r"[ \t]+[-–—]+[ \t]")  # noqa: RUF001
_SIGN = re.compile("[:：]")  # noqa: RUF001
_GAP = re.compile(r"[ \t\u3000]+")
_MOST_WORDS = 6
_LONGEST = 60
_LINKS = {"of", "the", "and", "with", "for", "in", "to", "a", "on", "by", "or"}
# Inside of a line only these are looked for in mixed case: 'Note:' or 'Dose:' would cut findings.
_INSIDE = {
    "indication",
    "history",
    "technique",
    "comparison",
    "findings",
    "impression",
    "conclusion",
    "recommendation",
    "gross description",
    "microscopic description",
    "final diagnosis",
    "addendum",
}


@dataclass(frozen=True)
class Header:
    """A header in a text.

    Attributes
    ----------
    name : str
        Of the section.
    text : str
        As the report writes it.
    start, end : int
        With what decorates it: numbers, brackets, the colon.
    """

    name: str
    text: str
    start: int
    end: int


def headers(text: str, names: SectionNames) -> list[Header]:
    """Find the headers of a report.

    At the beginning of a line a header is followed by a colon, a dash or nothing, or is in capitals
    before small letters; inside of a line it begins with a capital and a colon follows. Chinese and
    Japanese headers may stand in brackets.

    Parameters
    ----------
    text : str
    names : SectionNames

    Returns
    -------
    list of Header
        In the order of the text; none overlap.
    """
    found: list[Header] = []
    colons = ":" in text or "：" in text  # noqa: RUF001
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        first = _first(text, start, end, names)
        if first is not None:
            found.append(first)
        if colons:
            found += _inside(text, first.end if first else start, end, names)
        start = end + 1
    return found


def _first(text: str, start: int, end: int, names: SectionNames) -> Header | None:
    """The header at the beginning of a line."""
    limit = min(end, start + 2 * _LONGEST)
    begin = start
    if not text[start].isalpha():
        before = _BEFORE.match(text, start, limit)
        begin = before.end() if before else start
    if not _may_begin(text, begin, limit, names):
        return None
    words: list[re.Match[str]] = []
    for match in _WORD.finditer(text, begin, limit):
        if words and text[words[-1].end() : match.start()].strip():
            break
        words.append(match)
        if len(words) == _MOST_WORDS + 3:
            break
    for count in range(min(len(words), _MOST_WORDS), 0, -1):
        stop, name = _named(text, begin, words[count - 1].end(), names)
        if name:
            after = _after(text, begin, stop, end, decorated=begin > start)
            if after is not None:
                return Header(name, text[begin:stop], start, after)
    return _prefixed(text, start, words, end, names)


def _may_begin(text: str, begin: int, limit: int, names: SectionNames) -> bool:
    """Whether the first word is one of a header, or in capitals; quick, as few lines have one."""
    word = _WORD.match(text, begin, limit)
    return (
        word is None
        or word[0].lower().rstrip(ENDINGS) in names.first_words
        or word[0].upper() == word[0]
    )


def _prefixed(
    text: str, start: int, words: list[re.Match[str]], end: int, names: SectionNames
) -> Header | None:
    """A header that says of what, in capitals: 'CT CHEST FINDINGS:'."""
    if len(words) < 2 or len(words) > _MOST_WORDS + 2:
        return None
    whole = text[words[0].start() : words[-1].end()]
    if whole.upper() != whole or whole.lower() == whole or len(whole) > _LONGEST:
        return None
    after = _COLON.match(text, words[-1].end(), end) or _ALONE.match(text, words[-1].end(), end)
    for one in words[1:]:
        name = names.name(text[one.start() : words[-1].end()])
        if name in ("findings", "impression", "conclusion") and after:
            return Header(name, whole, start, after.end())
    return None


def _named(text: str, begin: int, stop: int, names: SectionNames) -> tuple[int, str | None]:
    while stop > begin and text[stop - 1] in "*_":
        stop -= 1
    name = names.name(text[begin:stop])
    if name is None and stop > begin and text[stop - 1] in ".)":
        stop -= 1
        name = names.name(text[begin:stop])
    return stop, name


def _after(text: str, begin: int, stop: int, end: int, *, decorated: bool) -> int | None:
    """Where the text under a header at the beginning of a line starts; None if it is no header."""
    for form in (_COLON, _DASH, _ALONE):
        match = form.match(text, stop, end)
        if match:
            return match.end()
    match = _BRACKET.match(text, stop, end)
    if match and decorated:
        return match.end()
    gap = _GAP.match(text, stop, end)
    if not gap:
        return None
    header, following = text[begin:stop], text[gap.end() : gap.end() + 20]
    if not header.isascii() and header.lower() == header.upper():  # Chinese, Japanese
        return gap.end()
    shout = header.upper() == header and len(header) > 4
    return gap.end() if shout and re.match(r"[A-Z\d]?[a-z]|\d+[.)]", following) else None


def _inside(text: str, start: int, end: int, names: SectionNames) -> Iterator[Header]:
    """Headers inside of a line, by their colons."""
    last = start
    for colon in _SIGN.finditer(text, start, end):
        left = max(last, colon.start() - _LONGEST)
        words = list(_WORD.finditer(text, left, colon.start()))[-_MOST_WORDS:]
        for one in words:
            header = text[one.start() : colon.start()].rstrip("*_ \t")
            name = names.name(header)
            if name and _stands_alone(text, start, one.start(), header, name):
                yield Header(name, header, one.start(), colon.end())
                last = colon.end()
                break


def _stands_alone(text: str, start: int, begin: int, header: str, name: str) -> bool:
    before = text[max(start, begin - 40) : begin]
    gap = len(before) - len(before.rstrip())
    if not header.isascii() and header.lower() == header.upper():
        return not before.strip() or before.rstrip()[-1] in "。！？；.;】"  # noqa: RUF001
    if not header[:1].isupper() or not gap:
        return False
    previous = before.split()[-1] if before.strip() else ""
    ended = not previous or previous[-1] in ".!?;)。" or gap > 2
    if header.isupper() and len(header) > 3:
        shouted = previous.isupper() and previous.strip("X.,") != "" and not ended
        return not shouted
    # a text on one line: 'chest pain Findings: ...', but not 'Left Lung Findings: ...'
    modified = previous[:1].isupper() and previous.strip("X.,") != ""
    linked = previous.lower() in _LINKS  # 'Date of Report: ...'
    return name in _INSIDE and (ended or not (modified or linked))
