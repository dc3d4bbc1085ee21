"""by_time: the newest (or oldest) patients, or those from a day on, into one part."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pyarrow.compute as pc

from explorer.errors import NotFoundError
from explorer.patient_set import PatientSet
from explorer.split.split_error import SplitError
from explorer.split.values_of import values_of

_SAID = re.compile(r"(newest|oldest) into (.+)")
FIRST_IMAGE, TIME_ZERO = "first image", "time zero"
When = str | Mapping[str, str | float]


@dataclass(frozen=True)
class TimeCut:
    """Who goes where by time.

    Attributes
    ----------
    part : str
    keys : tuple of str
        Who goes into it.
    undated : tuple of str
        Who has no date, and goes into another part.
    cut : str
        The date (or number) that it was cut at, and what the dates are.
    straddling : int
        Patients elsewhere who are as new (old) as some in the part: they stay with their group.
    """

    part: str
    keys: tuple[str, ...] = ()
    undated: tuple[str, ...] = field(default=(), repr=False)
    cut: str = ""
    straddling: int = 0


def dates_of(cohort: PatientSet, dated: str) -> dict[str, str | float]:
    """When each patient was, as an ISO date or as a number; those without are left out.

    Parameters
    ----------
    cohort : PatientSet
    dated : str
        'first image' (the earliest acquired), 'time zero' (the date of the patient's own), or
        'facts: NAME' with a date or a number, such as a year.

    Raises
    ------
    NotFoundError
        Nobody has it.
    """
    found: dict[str, str | float] = {}
    if dated == FIRST_IMAGE:
        rows = cohort.rows("items", ["kind", "acquired"])
        rows = rows.filter(pc.and_(pc.equal(rows["kind"], "image"), pc.is_valid(rows["acquired"])))
        for row in rows.to_pylist():
            found[row["patient"]] = min(str(found.get(row["patient"], "9999")), row["acquired"])
    elif dated == TIME_ZERO:
        for row in cohort.rows("attributes", ["came_as", "anchor_date"]).to_pylist():
            if row["anchor_date"] and not row["came_as"]:
                found[row["patient"]] = row["anchor_date"]
    else:
        values = values_of(cohort, dated)
        numbers = values.numbers or _whole(values.of)
        found = dict(numbers) or {
            key: min(some) for key, some in values.of.items()
            if some and all(re.match(r"\d{4}-\d\d-\d\d", one) for one in some)
        }  # fmt: skip
    if not found:
        raise NotFoundError(
            f"No patient of the set has a date by {dated!r}",
            expected=f"{FIRST_IMAGE!r}, {TIME_ZERO!r}, or a fact with dates or numbers",
        )
    return found


def _whole(of: Mapping[str, frozenset[str]]) -> dict[str, float]:
    """Few different years are a category elsewhere; here they are numbers."""
    found = {}
    for key, some in of.items():
        if some:
            if not all(re.fullmatch(r"-?\d+(\.\d+)?", one) for one in some):
                return {}
            found[key] = min(float(one) for one in some)
    return found


def part_of_time(when: When, shares: Collection[str]) -> tuple[str, bool]:
    """Read which part is cut off by time.

    Returns
    -------
    part : str
    newest : bool
        Whether the newest go into it.

    Raises
    ------
    SplitError
        It cannot be read, or names no part.
    """
    said = _SAID.fullmatch(when) if isinstance(when, str) else None
    named = said[2] if said else ""
    part = named if isinstance(when, str) else next(iter(when), "")
    if part not in shares or (not isinstance(when, str) and len(when) != 1):
        raise SplitError(
            f"The time is {when!r}",
            expected="'newest into PART', 'oldest into PART', or {'PART': 'YYYY-MM-DD'}, of parts "
            f"{list(shares)}",
        )
    return part, not said or said[1] == "newest"


def by_time(
    cohort: PatientSet,
    when: When,
    shares: Mapping[str, float],
    unit_of: Mapping[str, str],
    dated: str,
    busy: frozenset[str] = frozenset(),
) -> TimeCut:
    """Choose who goes into the part that is cut off by time.

    A group goes as a whole, by its newest (oldest) member; patients of one date stay on one side.

    Parameters
    ----------
    cohort : PatientSet
    when : str or mapping
        'newest into test', 'oldest into train', or ``{"test": "2015-01-01"}``: from that day (or
        number) on.
    shares : mapping
        Part to share.
    unit_of : mapping
        Key to the name of his group.
    dated : str
        What the dates are; see `dates_of`.
    busy : frozenset of str
        Groups that have a part already.

    Raises
    ------
    SplitError
        It cannot be read, or names no part.
    """
    part, newest = part_of_time(when, shares)
    dates = dates_of(cohort, dated)
    units: dict[str, list[str]] = {}
    for key in cohort.keys:
        if unit_of[key] not in busy:
            units.setdefault(unit_of[key], []).append(key)
    date_of = {}
    for unit, members in units.items():
        known = [dates[key] for key in members if key in dates]
        if known:
            date_of[unit] = max(known) if newest else min(known)
    if isinstance(when, str):
        chosen = _share(units, date_of, shares[part] / sum(shares.values()) * len(cohort), newest)
    else:
        cut = when[part]
        if any(type(one) is not type(cut) for one in dates.values()):
            cut = float(cut) if not isinstance(next(iter(dates.values())), str) else str(cut)
        chosen = {unit for unit, date in date_of.items() if date >= cut}  # type: ignore[operator]
    keys = tuple(key for unit in units if unit in chosen for key in units[unit])
    inside = [date_of[unit] for unit in chosen]
    edge = (min(inside) if newest else max(inside)) if inside else None
    taken = set(keys)
    passed = [
        key for key, date in dates.items()
        if key not in taken and edge is not None
        and (date >= edge if newest else date <= edge)  # type: ignore[operator]
    ]  # fmt: skip
    undated = tuple(key for key in cohort.keys if key not in dates)
    way = "from" if newest else "until"
    return TimeCut(part, keys, undated, f"{dated} {way} {edge}", len(passed))


def _share(
    units: Mapping[str, list[str]],
    date_of: Mapping[str, str | float],
    wanted: float,
    newest: bool,
) -> set[str]:
    """Groups from one end, as many dates as come nearest to what is wanted."""
    by_date: dict[str | float, list[str]] = {}
    for unit, date in date_of.items():
        by_date.setdefault(date, []).append(unit)
    chosen: set[str] = set()
    count = 0
    for date in sorted(by_date, reverse=newest):
        more = sum(len(units[unit]) for unit in by_date[date])
        if count and abs(count + more - wanted) > abs(count - wanted):
            break
        if not count and more > 2 * wanted:
            break
        chosen.update(by_date[date])
        count += more
        if count >= wanted:
            break
    return chosen
