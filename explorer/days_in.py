"""days_in: how long a unit of time is."""

from __future__ import annotations

# Julian years, as UCUM's a_j and mo_j. Each length is a binary fraction, so none is rounded.
_LENGTHS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
_WORDS = {
    **{word: one for one in _LENGTHS for word in (one, f"{one}s")},
    "wks": "week", "mos": "month", "mths": "month", "yr": "year", "yrs": "year",
}  # fmt: skip
# as UCUM writes them; the case counts here: an A is an ampere, an m a metre
_CODES = {"d": "day", "wk": "week", "mo": "month", "mo_j": "month", "a": "year", "a_j": "year",
          "y": "year"}  # fmt: skip


def days_in(unit: str) -> float | None:
    """Days in a unit of time: a year has 365.25, a month 365.25 / 12 = 30.4375.

    Parameters
    ----------
    unit : str
        'years', 'Months', 'wk', 'a', ...

    Returns
    -------
    float or None
        None of what is neither days, weeks, months nor years.
    """
    name = _CODES.get(unit) or _WORDS.get(unit.casefold())
    return _LENGTHS[name] if name else None
