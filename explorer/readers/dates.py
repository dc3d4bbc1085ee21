"""Dates as tables and reports write them, to ISO; and which way a column writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

# What is tried, in this order. Years of two digits are never guessed at.
FORMATS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d",
    "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d%b%Y",
    "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S",
)  # fmt: skip
_MOST_TRIED = 2000
_FEW = 40
_ENOUGH = 0.9
_FIRST_YEAR, _LAST_YEAR = 1850, 2300  # shifted dates of MIMIC lie in the 22nd century
_SHAPE = re.compile(r"\s*(\d{4}|\d{1,2}|[A-Za-z]{3,9})[-/. ]?(\d{1,2}|[A-Za-z]{3,9})[-/., ]{0,2}\d")
_ISO_TAIL = re.compile(r"[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?$")


@lru_cache(maxsize=65536)
def iso_date(text: str, form: str) -> str | None:
    """Read one date.

    Parameters
    ----------
    text : str
    form : str
        Of `datetime.strptime`: ``%d.%m.%Y``. ISO takes a time of day and a zone behind it.

    Returns
    -------
    str or None
        ``YYYY-MM-DD``, None for what is no date (the 31st of February) or none of this form.
    """
    plain = text.strip()
    if len(plain) > 40:
        return None
    if form == "%Y-%m-%d":
        plain = _ISO_TAIL.sub("", plain)
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", plain, re.ASCII):
            return None
    if form == "%Y%m%d" and not re.fullmatch(r"\d{8}", plain, re.ASCII):
        return None
    try:
        day = datetime.strptime(plain, form)
    except ValueError:
        return None
    return day.date().isoformat() if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def date_format(values: Iterable[str]) -> tuple[str | None, str]:
    """Find the one form in which a column writes its dates.

    Parameters
    ----------
    values : iterable of str
        Cells that hold something.

    Returns
    -------
    form : str or None
        None where they are no dates, or where two forms fit as well and differ.
    why : str
        For people: the form, or what is not clear.
    """
    tried = list(dict.fromkeys(values))[:_MOST_TRIED]
    if not tried or sum(bool(_SHAPE.match(v)) for v in tried) < _ENOUGH * len(tried):
        return None, "no dates"
    fits: list[tuple[int, str]] = []
    few = tried[:_FEW]
    for form in FORMATS:
        if sum(iso_date(value, form) is not None for value in few) < len(few) // 2:
            continue  # so that a column of numbers is not tried in every form
        count = sum(iso_date(value, form) is not None for value in tried)
        if count >= _ENOUGH * len(tried):
            fits.append((count, form))
    if not fits:
        return None, "no dates"
    most = max(count for count, _ in fits)
    best = [form for count, form in fits if count == most]
    for form in best[1:]:
        if any(iso_date(v, form) != iso_date(v, best[0]) for v in tried):
            return None, f"dates, as {best[0]} or as {form}: nothing tells which"
    return best[0], f"dates as {best[0]}"
