"""liver_segments: the segments of the liver after Couinaud that a sentence names."""

from __future__ import annotations

import re

from graphs.text.place_name import PlaceName

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8}
# no number of a size: 'in segment 4, 5 mm'
_ONE = r"(?:viii|vii|vi|v|iv|iii|ii|i|[1-8])[ab]?(?![\w²³]|[.,]\d|\s*-?(?:mm|cm|x|×|by)\b|\s*×)"  # noqa: RUF001
_JOINT = r"\s*(?:/|-|–|\bto\b)\s*"  # noqa: RUF001
_LISTED = r"\s*(?:,\s*(?:(?:and|or)\b)?|/|-|–|&|\band\b|\bor\b|\bto\b|\bthrough\b)\s*"  # noqa: RUF001
_SEGMENTS = re.compile(
    r"\b(?P<liver>(?:liver|hepatic|couinaud(?:['\u2019]?s)?)\s+)?"
    rf"(?:segments\s+(?P<many>{_ONE}(?:{_LISTED}{_ONE})*)|segment\s+(?P<one>{_ONE}(?:{_JOINT}{_ONE})?))"
    r"(?P<of>\s+of\s+(?:the\s+)?(?P<organ>\w+))?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?P<number>viii|vii|vi|v|iv|iii|ii|i|[1-8])(?P<part>[ab])?\b", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|to|through)\s*", re.IGNORECASE)  # noqa: RUF001
_LIVER = re.compile(r"\b(?:liver|hepatic|couinaud\w*)\b", re.IGNORECASE)
# other things have segments too
_OTHER = re.compile(
    r"\b(?:lungs?|pulmonary|bronch\w*|lingula\w*|(?:upper|middle|lower)\s+lobes?|r[uml]l|l[ul]l"
    r"|vertebra\w*|spin(?:e|al)|cervical|lumbar|thoracic|st|ecg|colon\w*|m[1-4]|a[1-3])\b",
    re.IGNORECASE,
)


def liver_segments(text: str, start: int, end: int) -> list[PlaceName]:
    """Find segments of the liver: 'hepatic segments 5 and 8', 'liver (segment IVa)'.

    An Arabic number is one only where the sentence speaks of the liver, and of nothing else that
    has segments; so is a Roman one, without the liver, unless the sentence speaks of the lung or
    the spine.

    Parameters
    ----------
    text : str
    start, end : int
        Of the sentence.

    Returns
    -------
    list of PlaceName
        'liver_segment_4' for IV, IVa and IVb, whose part the place's text tells.
    """
    if "egment" not in text[start:end].lower():
        return []
    found = []
    for match in _SEGMENTS.finditer(text, start, end):
        organ = (match["organ"] or "").lower()
        stop = match.end() if organ in ("liver", "hepatic") else match.end("many")
        if stop < 0:
            stop = match.end("one")
        if match["of"] and organ not in ("liver", "right", "left", "hepatic"):
            continue
        named = match["liver"] or organ == "liver"
        said = match["many"] or match["one"]
        if not named and not _meant(text, start, end, said):
            continue
        found += [
            PlaceName(match.start(), stop, f"liver_segment_{number}") for number in _numbers(said)
        ]
    return found


def _meant(text: str, start: int, end: int, said: str) -> bool:
    """Whether numbers of segments that name no organ can only be the liver's."""
    if _OTHER.search(text, start, end):
        return False
    roman = not any(sign.isdigit() for sign in said)
    parted = any(one["part"] for one in _NUMBER.finditer(said))
    return roman or parted or _LIVER.search(text, start, end) is not None


def _numbers(said: str) -> list[int]:
    """The numbers of a list, those within a range too."""
    numbers: list[int] = []
    edge = 0
    for one in _NUMBER.finditer(said):
        written = one["number"].lower()
        number = _ROMAN.get(written) or int(written)
        if numbers and _RANGE.fullmatch(said, edge, one.start()):
            numbers += range(numbers[-1] + 1, number)
        numbers.append(number)
        edge = one.end()
    return list(dict.fromkeys(numbers))
