"""The unit that a column's name carries: ``age_years``, ``weight (kg)``, ``dose_Gy``."""

from __future__ import annotations

import re

_UNITS = {
    **dict.fromkeys(("years", "year", "yrs", "yr", "jahre"), "years"),
    **dict.fromkeys(("months", "month", "mos", "mo"), "months"),
    **dict.fromkeys(("weeks", "week", "wks"), "weeks"),
    **dict.fromkeys(("days", "day", "tage"), "days"),
    **dict.fromkeys(("hours", "hrs"), "hours"),
    **dict.fromkeys(("percent", "pct", "%"), "%"),
    **{name.lower(): name for name in (
        "kg", "mg", "mm", "cm", "mm2", "mm3", "cm3", "ml", "Gy", "cGy", "mGy", "MBq", "HU", "mmHg",
        "bpm", "kVp", "keV", "mmol/l", "ng/ml", "mg/dl", "g/dl", "U/l", "IU/l", "kg/m2", "SUV",
    )},
}  # fmt: skip
# Single letters are units only where they stand in brackets: 'stage_m' is no length.
_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]{1,24}?)\s*[)\]]\s*$")
_LAST = re.compile(r"[_\s.\-]([A-Za-z%][A-Za-z0-9%/]*)$|(?<=[a-z0-9])([A-Z][a-z]+)$")


def column_unit(name: str) -> str | None:
    """Find the unit in a column's name.

    Parameters
    ----------
    name : str

    Returns
    -------
    str or None
        'years', 'kg', 'Gy', ...; what stands in brackets at the end as it stands.
    """
    found = _BRACKETS.search(name)
    if found:
        inside = found.group(1)
        return _UNITS.get(inside.lower(), inside)
    last = _LAST.search(name.strip())
    return _UNITS.get((last.group(1) or last.group(2)).lower()) if last else None
