"""measurements: the sizes, volumes, uptakes and densities that a text gives."""

from __future__ import annotations

import re

from graphs.measured_value import MeasuredValue
from graphs.text.narrow import narrow

_NUMBER = r"(?:\d+(?:[.,．]\d+)?|\.\d+)"  # noqa: RUF001 - the full-width stop, as Japanese reports have it
_UNITS = {
    "mm": r"mms?|㎜|millimet(?:er|re)s?|mil[ií]metros?|毫米|ミリ(?:メートル)?",
    "cm": r"cms?|㎝|centimet(?:er|re)s?|cent[ií]metros?|厘米|公分|センチ(?:メートル)?",
}
_VOLUMES = {
    "ml": r"ml|millilit(?:er|re)s?|cc|cm\^?3|cm³|ccm",
    "mm3": r"mm\^?3|mm³",
    "l": r"lit(?:er|re)s?",
}
_LENGTH = "|".join((_UNITS["mm"], _UNITS["cm"]))
_VOLUME = "|".join(_VOLUMES.values())
_TIMES = r"(?:[x×*✕]|by|por)"  # noqa: RUF001
# '2.3 (AP) x 1.8 (TR) x 3.0 cm (CC)'
_ALONG = (
    r"(?:\s*[(\[]?(?:ap|tr|trv|tv|cc|si|ml|lr|antero-?posterior|transverse|trans|cranio-?caudal"
    r"|long|short|length|width|height|depth|axial|coronal|sagittal)\b[)\]]?)?"
)
_BEFORE = r"(?<![A-Za-z0-9_.,．/])"  # noqa: RUF001 - a number may follow a letter of Japanese
_AFTER = r"(?![A-Za-z0-9²³^])"
_TO = r"\s*(?:-|–|to|a|~|～)\s*"  # noqa: RUF001
_AXIS = re.compile(rf"(?P<value>{_NUMBER}){_ALONG}\s*-?(?P<unit>{_LENGTH})?", re.IGNORECASE)
_ANY = re.compile(
    rf"{_BEFORE}(?:"
    rf"(?P<r1>{_NUMBER}){_TO}(?P<r2>{_NUMBER})\s*-?(?P<ur>{_LENGTH}){_AFTER}"
    rf"|(?P<v>{_NUMBER})\s*-?(?P<uv>{_VOLUME}){_AFTER}"
    rf"|(?P<h1>-?{_NUMBER})(?:{_TO}(?P<h2>-?{_NUMBER}))?\s*(?:HU|hounsfield(?:\s+units?)?)\b"
    # an optional unit after each axis; the last one holds for all
    rf"|(?:{_NUMBER}(?:\s*-?(?:{_LENGTH}))?{_ALONG}\s*{_TIMES}\s*){{0,2}}{_NUMBER}{_ALONG}"
    rf"\s*-?(?:{_LENGTH}){_AFTER}"
    r")",
    re.IGNORECASE,
)
# every one of those has this; quick to look for
_UNIT_AT = re.compile(r"\d\s*-?(?:\(\w{2,16}\)\s*)?[mclh㎜㎝毫ミ厘公セ]", re.IGNORECASE)
_SUV = re.compile(
    r"(?P<first>max(?:imum|imal)?|mean|peak)?[\s.]*\bSUV[\s_.-]*(?P<kind>max(?:imum|imal)?|mean|avg|peak)?\b"
    r"(?:[\s_]*(?:bw|lbm|value))?"
    r"(?P<of>\s+of\s+(?:the|this)\s+(?:\w+\s+){0,3}?\w+(?=\s+(?:is|was)\s))?"
    r"\s*(?:[:=≈~]|of|is|was|at|up\s+to|de|为|為|は)?\s*[(（]?\s*"  # noqa: RUF001
    rf"(?P<value>{_NUMBER})(?!\s*(?:{_LENGTH})\b)",
    re.IGNORECASE,
)
# 'SUVmax increased from 6.2 to 8.4', 'SUVmax 8.4 (previously 6.2)': the unit is not said again
_SUV_COURSE = re.compile(
    r"(?P<first>max(?:imum|imal)?|mean|peak)?[\s.]*\bSUV[\s_.-]*(?P<kind>max(?:imum|imal)?|mean|avg|peak)?\b"
    r"(?:\s+\w+){0,3}?\s+from\s+(?P<old>\d+(?:[.,]\d+)?)\s+to\s+(?P<new>\d+(?:[.,]\d+)?)"
    rf"(?![.,]?\d|\s*-?(?:{_LENGTH})\b)",
    re.IGNORECASE,
)
_SUV_BEFORE = re.compile(
    r"[\s,;(\[]*(?:previous(?:ly)?|prior|formerly|was|versus|vs\.?|compared\s+(?:to|with))[\s:]*"
    rf"(?P<value>\d+(?:[.,]\d+)?)(?![.,]?\d|/|\s*-?(?:{_LENGTH})\b)",
    re.IGNORECASE,
)
_SUV_KINDS = {"max": "suvmax", "mea": "suvmean", "avg": "suvmean", "pea": "suvpeak"}
_EARLIER = re.compile(
    r"(?:previous(?:ly)?|prior|formerly|earlier|initially|compared\s+(?:to|with)|versus|vs\.?"
    r"|respecto\s+a|comparado\s+con|previo|previamente|anterior(?:mente)?|antes|前回|以前|原来|此前|前次|上次|原)"
    r"[^\d;]{0,24}$",
    re.IGNORECASE,
)
_GREW_FROM = re.compile(
    r"(?:increas\w*|decreas\w*|grown|growth|enlarged|reduced|shrunk|up|down|progress\w*|changed"
    r"|aumentado|disminuido|crecido)\W+(?:(?:in|de)\W+(?:size|tama[nñ]o)\W+)?(?:from|de|desde)\W*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"(?:\bfrom|\bwas|\bwere|から)[\s(]*$", re.IGNORECASE)
_EARLIER_AFTER = re.compile(
    r"[\s)]*(?:previously|on\s+(?:the\s+)?(?:prior|previous|earlier)|on\s+\d|before\b|earlier|previ[oa]s?\b|から|in\s+the\s+prior)",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"(?:[<>≤≥]=?|\bsub-?|\bunder|\bexceeding|(?:less|more|greater|smaller|larger) than)\s*$",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\s*(?:\(?away\b|from(?!\s*\d)|above|below|cranial|caudal|superior\s+to|inferior\s+to|proximal|distal)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")


def measurements(text: str, start: int = 0, end: int | None = None) -> list[MeasuredValue]:
    """Find the measurements in a part of a text, usually a sentence.

    Sizes have one to three axes, in the order of the text; a range ('3-4 mm') is of the kind
    'range', since its numbers are no axes, and '<= 7 cm' is a 'limit'. 'from 1.8 to
    2.3 cm' is two sizes.

    Parameters
    ----------
    text : str
    start, end : int
        Unicode code points, half-open.

    Returns
    -------
    list of MeasuredValue
        In the order of their places; `prior` where the words around call the value an earlier one.

    Examples
    --------
    >>> [(one.value, one.unit, one.prior) for one in
    ...  measurements("a 2.3 cm nodule, increased from 1.8 cm")]
    [((2.3,), 'cm', False), ((1.8,), 'cm', True)]
    """
    text, end = narrow(text), len(text) if end is None else end
    if not _DIGIT.search(text, start, end):
        return []
    found = _uptakes(text, start, end)
    taken = [(one.start, one.end) for one in found]
    if not _UNIT_AT.search(text, start, end):
        return _earlier(text, found, start, end)
    for match in _ANY.finditer(text, start, end):
        read = _read(text, match, start, end)
        if not any(first < one.end and one.start < last for one in read for first, last in taken):
            found += read
    found.sort(key=lambda one: one.start)
    return _earlier(text, found, start, end)


def _uptakes(text: str, start: int, end: int) -> list[MeasuredValue]:
    if "uv" not in text[start:end].lower():
        return []
    found = []
    for match in _SUV_COURSE.finditer(text, start, end):
        kind = _suv_kind(match)
        found.append(MeasuredValue((_float(match["old"]),), "SUV", kind, *match.span("old"), True))
        found.append(MeasuredValue((_float(match["new"]),), "SUV", kind, *match.span("new")))
    for match in _SUV.finditer(text, start, end):
        if any(match.start() < one.start and one.end <= match.end() for one in found):
            continue
        # the place of the number alone where the lesion's name stands between
        begin = match.start("value") if match["of"] else match.start()
        begin += len(match[0]) - len(match[0].lstrip()) if not match["of"] else 0
        kind = _suv_kind(match)
        found.append(MeasuredValue((_float(match["value"]),), "SUV", kind, begin, match.end()))
        earlier = _SUV_BEFORE.match(text, match.end(), end)
        if earlier:
            place = earlier.span("value")
            found.append(MeasuredValue((_float(earlier["value"]),), "SUV", kind, *place, True))
    return sorted(found, key=lambda one: one.start)


def _suv_kind(match: re.Match[str]) -> str:
    return _SUV_KINDS.get((match["kind"] or match["first"] or "").lower()[:3], "suv")


def _read(text: str, match: re.Match[str], start: int, end: int) -> list[MeasuredValue]:
    """What a number with its unit says."""
    place = (match.start(), match.end())
    if match["v"]:
        unit = _unit(match["uv"], _VOLUMES)
        return [MeasuredValue((_float(match["v"]),), unit, "volume", *place)]
    if match["h1"]:
        numbers = tuple(_float(match[name]) for name in ("h1", "h2") if match[name])
        return [MeasuredValue(numbers, "HU", "hu", *place)]
    if match["r1"]:
        return _range(text, match, start)
    said = [(one["value"], one["unit"]) for one in _AXIS.finditer(match[0])]
    unit = _unit(said[-1][1], _UNITS)
    axes = [_in(unit, number, own) for number, own in said]
    kind = "distance" if len(axes) == 1 and _AWAY.match(text, match.end(), end) else "size"
    if _LIMIT.search(text, max(start, match.start() - 14), match.start()):
        kind = "limit"
    return [MeasuredValue(tuple(axes), unit, kind, *place)]


def _range(text: str, match: re.Match[str], start: int) -> list[MeasuredValue]:
    """A range, or the earlier and the later value of something that changed."""
    unit = _unit(match["ur"], _UNITS)
    low, high = _float(match["r1"]), _float(match["r2"])
    before = text[max(start, match.start() - 40) : match.start()]
    if _FROM.search(before) or _GREW_FROM.search(before):
        return [
            MeasuredValue((low,), unit, "size", match.start("r1"), match.end("r1"), prior=True),
            MeasuredValue((high,), unit, "size", match.start("r2"), match.end()),
        ]
    return [MeasuredValue((low, high), unit, "range", match.start(), match.end())]


def _earlier(text: str, found: list[MeasuredValue], start: int, end: int) -> list[MeasuredValue]:
    said: list[MeasuredValue] = []
    for one in found:
        since = said[-1].end if said else start
        before = text[max(since, one.start - 60) : one.start]
        prior = one.prior or bool(
            _EARLIER.search(before)
            or _GREW_FROM.search(before)
            or (said and _FROM.search(before))
            or _EARLIER_AFTER.match(text, one.end, end)
        )
        if prior and not one.prior:
            kind = "size" if one.kind == "distance" else one.kind
            one = MeasuredValue(one.value, one.unit, kind, one.start, one.end, prior=True)
        said.append(one)
    return said


def _unit(written: str, units: dict[str, str]) -> str:
    for name, pattern in units.items():
        if re.fullmatch(pattern, written, re.IGNORECASE):
            return name
    return written


def _in(unit: str, number: str, own: str | None) -> float:
    value = _float(number)
    mine = _unit(own, _UNITS) if own else unit
    if mine == unit:
        return value
    return round(value * 10, 6) if mine == "cm" else round(value / 10, 6)


def _float(number: str) -> float:
    return float(number.replace(",", ".").replace("．", "."))  # noqa: RUF001
