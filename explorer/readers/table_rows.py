"""A checked table as rows of the store: facts, events, outcomes, texts, each with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from explorer.item_id import item_id
from explorer.readers.check_table import Cells, Checked
from explorer.readers.report_date_column import report_date_column
from explorer.readers.report_rows import report_row
from explorer.readers.table_meaning import HAPPENED, Column, Meaning, Outcome
from explorer.readers.table_sheet import Sheet
from explorer.records_draft import RecordsDraft

Row = dict[str, Any]
Drafts = Callable[[str], RecordsDraft]

_SEX = {"male": "M", "m": "M", "female": "F", "f": "F", "männlich": "M", "weiblich": "F"}
_MEASURED = ("number", "code")
_DETAIL = ("name", "time", "end", "value", "unit", "code")


def table_rows(sheet: Sheet, meaning: Meaning, checked: Checked, drafts: Drafts, stem: str) -> None:
    """Give a table's rows to the drafts of its patients.

    Parameters
    ----------
    sheet : Sheet
    meaning : Meaning
    checked : Checked
    drafts : callable
        ``drafts(identifier)``: the patient's draft, made where there is none.
    stem : str
        Name of the table, for events that have none of their own.
    """
    place = _Place(sheet, checked)
    dated = report_date_column(n for n, one in meaning.columns.items() if one.kind == "date")
    dates = checked.cells.get(dated) if dated else None
    for name, column in meaning.columns.items():
        if name not in checked.cells:
            continue
        if column.kind == "report":
            _texts(name, checked.cells[name], dates, place, drafts)
        elif column.per != "row":
            _facts(name, column, checked.cells[name], place, drafts)
    if meaning.rows == "event":
        _events(meaning, checked, place, drafts, stem)
    for outcome in meaning.outcomes:
        _outcomes(outcome, meaning, checked, place, drafts)
    _attributes(meaning, checked, place, drafts)


class _Place:
    """Where rows stand in the file, and which is a patient's first."""

    def __init__(self, sheet: Sheet, checked: Checked) -> None:
        self.rows = sheet.row_numbers()
        self.patients = checked.patients
        self.prefix = f"{sheet.name}!" if sheet.name else ""
        seen: dict[str, int] = {}
        for position, patient in enumerate(self.patients):
            if patient is not None:
                seen.setdefault(patient, position)
        self.known = [(k, p) for k, p in enumerate(self.patients) if p is not None]
        self.first = seen


def _said(column: Column, cells: Cells, position: int) -> Row:
    """What one cell says, as fields of a fact."""
    text, state = cells.texts[position], cells.states[position]
    if state is not None or text is None:
        return {"value": None, "state": state or "unknown"}
    row: Row = {"value": text, "state": "present"}
    if column.kind in ("number", "days"):
        row["number"] = cells.numbers[text]
        row["unit"] = column.unit or ("days" if column.kind == "days" else None)
    if column.kind == "days":
        row |= _days(row["number"], column.zero)
    elif column.kind == "date":
        row["date"] = cells.dates[text]
    elif column.kind == "code":
        row["code"] = f"{column.scheme}:{text}" if column.scheme else text
    return row


def _days(number: float | None, zero: str | None) -> Row:
    # a day is a whole one; what is between two stays in the number
    if number is None or not number.is_integer() or abs(number) > 1e6:
        return {}
    return {"days": int(number), "day_from": zero}


def _facts(name: str, column: Column, cells: Cells, place: _Place, drafts: Drafts) -> None:
    called, where = column.name or name, place.prefix + name
    told: dict[str, set[str | None]] = {}
    for position, patient in place.known:
        text = cells.texts[position]
        # rows of one patient that say the same are one fact, with the place of the first
        if text in told.setdefault(patient, set()):
            continue
        told[patient].add(text)
        drafts(patient).facts.append(
            {
                "name": called,
                **_said(column, cells, position),
                "column": where,
                "row": place.rows[position],
            }
        )


def _texts(name: str, cells: Cells, dates: Cells | None, place: _Place, drafts: Drafts) -> None:
    for position, patient in place.known:
        text = cells.texts[position]
        if text is None or cells.states[position] is not None:
            continue
        draft, row = drafts(patient), place.rows[position]
        item = item_id("report", draft.item, place.prefix + name, str(row))
        dated = dates.dates.get(dates.texts[position] or "") if dates else None
        draft.texts.append(
            report_row(
                item, text, draft.sources[0], name=name, row=row, date=dated,
                column=place.prefix + name,
            )
        )  # fmt: skip


def _events(meaning: Meaning, checked: Checked, place: _Place, drafts: Drafts, stem: str) -> None:
    mine = {
        name: column
        for name, column in meaning.columns.items()
        if name in checked.cells and column.per == "row" and column.kind != "report"
    }
    roles = {getattr(meaning, role) for role in _DETAIL} - {None}
    for name, column in mine.items():
        if meaning.time is not None and column.kind in _MEASURED and name not in roles:
            _measured(name, meaning, checked, place, drafts)
    for position, patient in place.known:
        detail: Row = {}
        for name, column in mine.items():
            if name not in roles:
                said = _said(column, checked.cells[name], position)
                if said["state"] == "present":
                    detail[name] = said.get("number", said["value"])
                elif checked.cells[name].texts[position] is not None:
                    detail[name] = {"state": said["state"]}
        drafts(patient).events.append(
            {
                "kind": meaning.kind or "row",
                **_named(meaning, checked, position, stem),
                **_timed(meaning, checked, position),
                "detail": json.dumps(detail, ensure_ascii=False) if detail else None,
                "row": place.rows[position],
            }
        )


def _measured(name: str, meaning: Meaning, checked: Checked, place: _Place, drafts: Drafts) -> None:
    """Numbers and codes of a row that has a time: facts of that day, one a row."""
    column, cells = meaning.columns[name], checked.cells[name]
    for position, patient in place.known:
        if cells.texts[position] is None:
            continue  # an empty cell of a visit says nothing of the patient
        drafts(patient).facts.append(
            {
                "name": column.name or name,
                **_timed(meaning, checked, position),
                **_said(column, cells, position),
                "column": place.prefix + name,
                "row": place.rows[position],
            }
        )


def _of(meaning: Meaning, checked: Checked, name: str | None, position: int) -> Row:
    if name is None or name not in checked.cells:
        return {}
    return _said(meaning.columns[name], checked.cells[name], position)


def _named(meaning: Meaning, checked: Checked, position: int, stem: str) -> Row:
    name = _of(meaning, checked, meaning.name, position)
    code = _of(meaning, checked, meaning.code, position)
    value = _of(meaning, checked, meaning.value, position)
    unit = _of(meaning, checked, meaning.unit, position)
    row: Row = {"name": name.get("value") or code.get("value") or stem, "state": "present"}
    if meaning.code is not None:
        row["code"] = code.get("value")
        row["code_scheme"] = meaning.columns[meaning.code].scheme
    if meaning.value is not None:
        row |= {"value": value.get("value"), "number": value.get("number")}
        row |= {"unit": unit.get("value") or value.get("unit"), "state": value.get("state")}
    return row


def _timed(meaning: Meaning, checked: Checked, position: int) -> Row:
    row: Row = {}
    start = _of(meaning, checked, meaning.time, position)
    end = _of(meaning, checked, meaning.end, position)
    for name in ("date", "days", "day_from"):
        if name in start:
            row[name] = start[name]
    if start and not row:
        row["day_state"] = start["state"]  # such as: unknown: '2006-13-45' is not a date
    if "date" in end:
        row["end_date"] = end["date"]
    if "days" in end:
        row["end_days"] = end["days"]
    return row


def _outcomes(
    outcome: Outcome, meaning: Meaning, checked: Checked, place: _Place, drafts: Drafts
) -> None:
    event = checked.cells.get(outcome.event)
    if event is None:
        return
    once = all(
        meaning.columns[name].per != "row"
        for name in (outcome.event, outcome.time, outcome.followed)
        if name in meaning.columns
    )
    for position, patient in place.known:
        if once and place.first[patient] != position:
            continue
        text = event.texts[position]
        value = outcome.codes.get(text) if text and event.states[position] is None else None
        drafts(patient).events.append(
            {
                "kind": "outcome",
                "name": outcome.name,
                **_when(outcome, meaning, checked, position, value),
                "detail": _raw(outcome, checked, position),
                "row": place.rows[position],
            }
        )


def _when(
    outcome: Outcome, meaning: Meaning, checked: Checked, position: int, value: str | None
) -> Row:
    """The time of an outcome, and whether it is an event or censored; else why not."""
    if value is None:
        cells = checked.cells[outcome.event]
        why = cells.states[position] or "unknown"
        return {"value": None, "state": f"{why.partition(':')[0]}: whether it happened is not said"}
    name = outcome.time if value == HAPPENED or not outcome.followed else outcome.followed
    row: Row = {"value": value, "unit": outcome.unit}
    said = _of(meaning, checked, name, position)
    if said.get("number") is None:
        why = said.get("state", "unknown").partition(":")[0]
        return {**row, "state": f"{why}: no time in {name!r}"}
    row |= {"number": said["number"], "state": "present"}
    return row | (_days(said["number"], outcome.zero) if outcome.unit == "days" else {})


def _raw(outcome: Outcome, checked: Checked, position: int) -> str:
    """The cells that an outcome was made of, as they stand."""
    names = [outcome.event, outcome.time, outcome.followed]
    said = {n: checked.cells[n].texts[position] for n in names if n in checked.cells}
    return json.dumps(said, ensure_ascii=False)


def _attributes(meaning: Meaning, checked: Checked, place: _Place, drafts: Drafts) -> None:
    """Sex and time zero, where all rows of a patient agree."""
    sexes: dict[str, set[str]] = {}
    names = [n for n in meaning.columns if n.lower().strip() in ("sex", "gender", "geschlecht")]
    if len(names) == 1 and names[0] in checked.cells:
        cells = checked.cells[names[0]]
        for position, patient in place.known:
            text = cells.texts[position]
            if text is not None and cells.states[position] is None:
                sexes.setdefault(patient, set()).add(_SEX.get(text.strip().lower(), ""))
    for patient, found in sexes.items():
        if len(found) == 1 and found != {""}:
            drafts(patient).attributes["sex"] = next(iter(found))
    anchor = meaning.anchor
    if anchor is None or anchor not in checked.cells:
        return
    zeroes: dict[str, set[str | None]] = {}
    for position, patient in place.known:
        said = _of(meaning, checked, anchor, position)
        zeroes.setdefault(patient, set()).add(said.get("date"))
    for patient, dates in zeroes.items():
        (date, *more) = dates
        if date is not None and not more:
            drafts(patient).attributes |= {
                "anchor_date": date,
                "anchor_kind": meaning.columns[anchor].zero or anchor,
                "anchor_source": f"column {anchor!r} of a table",
            }
