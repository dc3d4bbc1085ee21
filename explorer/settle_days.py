"""Settle days: find time zero where nobody has said it, and each row's day from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.anchor import COUNTED, EARLIEST, FIRST_STUDY, JOINED, Anchor, automatic, day_of
from explorer.layout import ORIGIN_TABLES

if TYPE_CHECKING:
    from explorer.edit import Edit

Row = dict[str, Any]


def settle_days(edit: Edit) -> None:
    """Set time zero and the days of an edit whose tables are loaded.

    Parameters
    ----------
    edit : Edit
        Of a whole patient: the rows of every identity have their days from one time zero.
    """
    anchor = _zero(edit)
    for row in edit.rows["items"]:
        _settle(edit, "items", row, day_of(row["acquired"], anchor))
    for table in ORIGIN_TABLES:
        for row in edit.rows[table]:
            if table == "texts" or row.get("date") or row.get("days") is not None:
                _settle(edit, table, row, when(row.get("date"), row, anchor))
            if table == "events" and (row.get("end_date") or row.get("end_days") is not None):
                end = {"days": row.get("end_days"), "day_from": row.get("day_from")}
                day, _ = when(row.get("end_date"), end, anchor)
                if row.get("end_day") != day:
                    row["end_day"] = day
                    edit.dirty.add(table)


def when(date: str | None, row: Row, anchor: Anchor | None) -> tuple[int | None, str]:
    """Find the day of a record, by its date or by the source's own count of days.

    A count is used only where it counts from what time zero is: days from diagnosis say nothing
    about days from the first study.

    Parameters
    ----------
    date : str or None
        ISO.
    row : dict
        With ``days`` and ``day_from``.
    anchor : Anchor or None

    Returns
    -------
    day : int or None
    state : str
        'present', or why there is none.
    """
    days, zero = row.get("days"), row.get("day_from")
    if date is not None and (days is None or (anchor is not None and anchor.date)):
        day, state = day_of(date, anchor)
        if day is not None or days is None:
            return day, state
    elif days is None:
        return day_of(None, anchor)
    if anchor is not None and _same_kind(zero, anchor.kind):
        return days, "present"
    known = f"time zero is the {anchor.kind}" if anchor else "the patient has no time zero"
    return None, f"cannot tell: days from {zero or 'an unnamed day'}, {known}"


def _same_kind(one: str | None, other: str | None) -> bool:
    return bool(one and other and one.strip().casefold() == other.strip().casefold())


def _settle(edit: Edit, table: str, row: Row, found: tuple[int | None, str]) -> None:
    if (row.get("day"), row.get("day_state")) != found:
        row["day"], row["day_state"] = found
        edit.dirty.add(table)


def _zero(edit: Edit) -> Anchor | None:
    """Time zero: what was said, by a person or a table; else what follows from the rows."""
    about = edit.attributes
    if not automatic(about.get("anchor_source"), about.get("anchor_kind")):
        return _anchor(about)
    found = _joined(edit) or _first_study(edit) or _counted(edit)
    fresh = {
        "anchor_date": found.date if found else None,
        "anchor_kind": found.kind if found else None,
        "anchor_source": found.source if found else None,
    }
    if any(about.get(name) != value for name, value in fresh.items()):
        about.update(fresh)
        edit.dirty.add("attributes")
    return found


def _anchor(row: Row) -> Anchor:
    return Anchor(row.get("anchor_date"), row.get("anchor_kind") or "", row["anchor_source"] or "")


def _joined(edit: Edit) -> Anchor | None:
    """What was said of identities that were joined, where they agree."""
    said = {
        (row.get("anchor_date"), row.get("anchor_kind")): row
        for row in edit.rows["attributes"]
        if row.get("came_as") and not automatic(row.get("anchor_source"), row.get("anchor_kind"))
    }
    if len(said) != 1:
        return None
    (row,) = said.values()
    return Anchor(row.get("anchor_date"), row["anchor_kind"], JOINED + (row["anchor_source"] or ""))


def _first_study(edit: Edit) -> Anchor | None:
    dates = [row["acquired"] for row in edit.rows["items"] if row["acquired"]]
    return Anchor(min(dates), FIRST_STUDY, EARLIEST) if dates else None


def _counted(edit: Edit) -> Anchor | None:
    """What all of the sources count days from: a time zero without a date."""
    kinds = {
        row["day_from"].strip()
        for table in ORIGIN_TABLES
        for row in edit.rows[table]
        if row.get("days") is not None and (row.get("day_from") or "").strip()
    }
    return Anchor(None, kinds.pop(), COUNTED) if len(kinds) == 1 else None
