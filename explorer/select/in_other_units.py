"""in_other_units: what a condition says in the units that the numbers are stored in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from explorer.days_in import days_in
from explorer.select.fact_expression import FactExpression

_PLACES = 10


def in_other_units(said: FactExpression, units: Iterable[str]) -> str:
    """Say a condition in other units of time.

    Parameters
    ----------
    said : FactExpression
        Of numbers with a unit.
    units : iterable of str
        Of stored numbers; what is no time, or as long as the said one, is left out.

    Returns
    -------
    str
        'in days: > 21915; 1 year = 365.25 days' (hostile text); empty where there is nothing
        to say.
    """
    length = days_in(said.unit or "")
    if length is None:
        return ""
    parts, years, months = [], length == days_in("year"), length == days_in("month")
    for unit in sorted(set(units)):
        other = days_in(unit)
        if other is None or other == length:
            continue
        values = tuple(float(f"{one * length / other:.{_PLACES}g}") if isinstance(one, float)
                       else one for one in said.values)  # fmt: skip
        parts.append(f"in {unit}: {replace(said, values=values, unit=None).condition}")
        years, months = years or other == days_in("year"), months or other == days_in("month")
    if not parts:
        return ""
    parts += ["1 year = 365.25 days"] if years else []
    parts += ["1 month = 30.4375 days"] if months else []
    return "; ".join(parts)
