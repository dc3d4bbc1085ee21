"""quantities: named numbers of a report, and how many of an observation there are."""

from __future__ import annotations

import re

from graphs.measured_value import MeasuredValue
from graphs.text.mention import Mention
from graphs.text.statement import Statement

_VALUE = re.compile(
    r"[\s:=(]*(?:(?:score|category|grade|sum|density|value|level|assessment|of|is|was|v\.?\d(?:\.\d)?)[\s:=(]*){0,3}"
    r"(?P<a>\d+(?:[.,]\d+)?)(?:\s*\+\s*(?P<b>\d+))?(?P<grade>[abcABC]\b)?"
    r"\s*(?P<unit>ng/ml|ng/ml²|ng/ml/cc|cc|ml|mm²/s|µmol/l)?",
    re.IGNORECASE,
)
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
}  # fmt: skip
_SINGULAR = ("ss", "is", "us")  # mass, metastasis, thrombus
_COUNTED = (*_NUMBERS, *"0123456789")
_COUNT = re.compile(
    rf"(?<![\w.,/-])(?<!\bof )(?P<number>{'|'.join(_NUMBERS)}|\d{{1,2}})\s+"
    r"(?!(?:mm|cm|ml|inch|inches)\b)(?:[^\W\d][\w-]*\s+){0,3}?$",
    re.IGNORECASE,
)


def named_value(statement: Statement, mention: Mention) -> MeasuredValue | None:
    """The number that follows a quantity's name: 'PSA density of 0.14', 'PI-RADS 4'.

    Returns
    -------
    MeasuredValue or None
        Its kind is the quantity's name. A Gleason score keeps its two grades.
    """
    match = _VALUE.match(statement.text, mention.end, statement.end)
    if match is None:
        return None
    numbers = [float(match[name].replace(",", ".")) for name in "ab" if match[name]]
    start = match.start("a")
    unit = (match["unit"] or "").lower()
    return MeasuredValue(tuple(numbers), unit, mention.term.entity, start, match.end())


def count(statement: Statement, mention: Mention) -> MeasuredValue | None:
    """How many there are, where a number stands before the plural: 'three small nodules'."""
    word = statement.text[mention.start : mention.end].lower()
    if not word.endswith(("s", "i", "ae")) or word.endswith(_SINGULAR):
        return None
    start = max(statement.start, mention.start - 50)
    before = statement.text[start : mention.start].lower()
    if before.isascii() and not any(one.endswith(_COUNTED) for one in before.split()[-4:]):
        return None
    match = _COUNT.search(statement.text, start, mention.start)
    if match is None:
        return None
    word = match["number"].lower()
    many = _NUMBERS.get(word) or int(word)
    place = match.span("number")
    return MeasuredValue((float(many),), "", "count", *place)
