"""What one column is, by its name and its cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from explorer.readers.absence import absence
from explorer.readers.column_unit import column_unit
from explorer.readers.dates import date_format
from explorer.readers.table_meaning import Column

# A column is of numbers where at least so much of what it holds are numbers; the rest are faults.
ENOUGH = 0.95

NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_NUMBER_COMMA = r"^\s*[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?\s*$"
_THOUSANDS = r"^\s*[+-]?\d{1,3}(,\d{3})+\s*$"
_LEADING_ZERO = r"^0\d"

_DATED = re.compile(r"(date|datum|fecha|birth|dob|_dt$|^dt_|time$|day$)", re.IGNORECASE)
_DAYS = re.compile(r"^(days?[_ .]*(to|from|since|after|before|until)[_ .]*)(.*)$", re.IGNORECASE)
_NAMED_ZERO = re.compile(r"(?:from|since|after)[_ .]+(?:the[_ .]+)?([A-Za-z][A-Za-z_ .]*)$")
_LABEL = re.compile(r"(^|[_ .])(id|uid|uuid|barcode|number|no|nr|code|zip|phone|version)$", re.I)
_CODES = {
    "ICD-10": r"icd[_ -]?10", "ICD-9": r"icd[_ -]?9", "ICD-O-3": r"icd[_ -]?o", "SCT": r"snomed",
    "LN": r"loinc", "CPT": r"(^|[_ ])cpt", "ATC": r"(^|[_ ])atc($|[_ ])", "RXNORM": r"rxnorm",
}  # fmt: skip
_ANY_CODE = re.compile(
    r"^(code|concept_code|(diagnosis|procedure|dx|icd|drug)[_ ]?code)$", re.IGNORECASE
)
_SENTINELS = ("-9", "-99", "-999", "-9999", "-99999", "-88", "-888", "-77", "-777")
# What cannot be less than nothing.
_POSITIVE = re.compile(
    r"(^|[_ .])(age|weight|height|bmi|volume|dose|survival|follow[_ ]?up|os|pfs|pfi|dfs|dss|dfi)"
    r"($|[_ .(])",
    re.IGNORECASE,
)
_REPORT_LENGTH = 300
# Reports may be terse where their column is called like one.
_REPORT = re.compile(
    r"(?:^|[_ ])(?:report|findings?|impression|conclusion|narrative|befund|beurteilung|verslag)"
    r"(?:[_ ]?text)?$",
    re.IGNORECASE,
)
_CALLED_LENGTH = 60
_MOST_UNIQUE = 200_000


@dataclass
class Profile:
    """What a column's cells look like; `texts` holds each different one once, with its count."""

    name: str
    texts: dict[str, int] = field(default_factory=dict)
    held: int = 0
    empty: int = 0
    coded: dict[str, str] = field(default_factory=dict)


def profile(name: str, column: Any, codes: dict[str, str] | None = None) -> Profile:
    """Count the different cells of a column, and those that stand for nothing.

    Parameters
    ----------
    name : str
    column : pyarrow.ChunkedArray of strings
    codes : dict, optional
        Codes of absence that a person has said.
    """
    found = Profile(name, empty=column.null_count)
    for one in pc.value_counts(column.combine_chunks()).to_pylist():
        text, count = one["values"], one["counts"]
        if text is None:
            continue
        why = absence(text, codes)
        if why is None:
            found.texts[text] = count
            found.held += count
        else:
            found.coded[text] = why
    return found


def is_numeric(column: Any) -> bool:
    """Whether every cell that holds something is a number."""
    return bool(pc.all(pc.match_substring_regex(column, NUMBER), min_count=0).as_py())


def guess_column(one: Profile) -> Column:
    """Guess what a column is.

    Parameters
    ----------
    one : Profile

    Returns
    -------
    Column
        With `why` for the person who is shown it.
    """
    if not one.held:
        return Column("skip", why="holds nothing")
    texts = list(one.texts)[:_MOST_UNIQUE]
    code = _code(one.name)
    if code is not None:
        return Column("code", scheme=code or None, why="its name says that it is a code")
    dated = _DATED.search(one.name) is not None
    form, why = date_format(texts)
    if form is not None and (dated or form != "%Y%m%d"):
        return Column("date", form=form, why=why)
    number = _number(one, texts)
    if number is not None:
        return number
    long = _CALLED_LENGTH if _REPORT.search(one.name) else _REPORT_LENGTH
    if max(map(len, texts)) > long:
        lengths = sorted(map(len, texts))
        if lengths[len(lengths) // 2] > long and not any(
            text.lstrip().startswith(("{", "[")) for text in texts[:20]
        ):
            return Column("report", why="its cells are long texts")
    return Column("text", why=why if why != "no dates" else "")


def _code(name: str) -> str | None:
    for scheme, pattern in _CODES.items():
        if re.search(pattern, name, re.IGNORECASE):
            return scheme
    return "" if _ANY_CODE.search(name) else None


def _share(one: Profile, texts: list[str], pattern: str) -> float:
    # counted by rows, so that one odd text in a thousand equal numbers is one in a thousand
    fits = pc.match_substring_regex(pa.array(texts, pa.string()), pattern).to_pylist()
    count = sum(one.texts[text] for text, fit in zip(texts, fits, strict=True) if fit)
    return count / sum(one.texts[text] for text in texts)


def _number(one: Profile, texts: list[str]) -> Column | None:
    due = [text for text in texts if absence(text, text_due=False) is None]
    if not due:
        return None
    if _LABEL.search(one.name) or _share(one, due, _LEADING_ZERO) > 0.0:
        return None
    point, comma = _share(one, due, NUMBER), _share(one, due, _NUMBER_COMMA)
    if max(point, comma) < ENOUGH or (len(due) < 3 and max(point, comma) < 1):
        return None
    if max(point, comma) < 1 and len({len(text.strip()) for text in due}) == 1:
        return None  # labels of one length, of which most happen to be digits: 55, 44, 4B
    if comma > point and _share(one, due, _THOUSANDS) >= ENOUGH:
        return Column("text", why="1,234 may be a thousand or a decimal: nothing tells which")
    found = Column("number", decimal="," if comma > point else ".", unit=column_unit(one.name))
    values = numbers_of(due, found.decimal)
    _sentinels(found, values)
    _days(found, one.name)
    ordinary = [v for text, v in values.items() if text not in found.absent]
    if _POSITIVE.search(one.name) and "birth" not in one.name.lower():
        found.least = 0.0
    if re.search(r"(^|[_ .])age($|[_ .(])", one.name, re.IGNORECASE):
        _age(found, ordinary)
    found.why = "; ".join(part for part in (found.why, _said(found, one, point, comma)) if part)
    return found


def _said(found: Column, one: Profile, point: float, comma: float) -> str:
    parts = ["decimal comma"] if found.decimal == "," else []
    if max(point, comma) < 1:
        parts.append(f"{1 - max(point, comma):.1%} of it are no numbers")
    if found.absent:
        parts.append(f"{', '.join(found.absent)} stands for nothing: all others are positive")
    return "; ".join(parts)


def numbers_of(texts: list[str], decimal: str = ".") -> dict[str, float]:
    """Read numbers; what is none is left out.

    Parameters
    ----------
    texts : list of str
    decimal : {'.', ','}

    Returns
    -------
    dict
        Text to number.
    """
    array = pa.array(texts, pa.string())
    fits = pc.match_substring_regex(array, NUMBER if decimal == "." else _NUMBER_COMMA)
    good = array.filter(fits)
    plain = pc.replace_substring(pc.utf8_trim_whitespace(good), decimal, ".")
    plain = pc.replace_substring_regex(plain, r"^\+", "")
    values = [float(text) for text in plain.to_pylist()]
    return dict(zip(good.to_pylist(), values, strict=True))


def _sentinels(found: Column, values: dict[str, float]) -> None:
    odd = [text for text in values if text.strip().split(".")[0] in _SENTINELS and values[text] < 0]
    others = [value for text, value in values.items() if text not in odd]
    if odd and len(others) >= 2 and min(others) >= 0:
        found.absent = dict.fromkeys((text.strip() for text in odd), "unknown")


def _days(found: Column, name: str) -> None:
    match = _DAYS.match(name)
    if match is None:
        return
    found.kind, found.unit = "days", "days"
    words = match.group(1).lower()
    if "from" in words or "since" in words or "after" in words:
        found.zero = re.sub(r"[_ .]+", " ", match.group(3)).strip().lower() or None
        found.why = f"days counted from {found.zero}"
        return
    zero = _NAMED_ZERO.search(name)
    if zero:
        found.zero = re.sub(r"[_ .]+", " ", zero.group(1)).strip().lower()
    if re.search(r"(death|follow|last|progress|recur|survival)", match.group(3), re.IGNORECASE):
        found.least = 0.0
    found.why = f"days counted from {found.zero}" if found.zero else "days; from when is not said"


def _age(found: Column, values: list[float]) -> None:
    if found.unit is None and values and max(values) > 130:
        found.unit = "days"
        found.why = f"days, since {max(values):.0f} can be no years"
    found.most = {"years": 130.0, "days": 47_500.0, "months": 1_560.0}.get(found.unit or "years")
