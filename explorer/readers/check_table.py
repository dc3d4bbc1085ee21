"""Check a table against what its columns mean; every cell that does not fit is located."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from explorer.readers.absence import absence, state_of
from explorer.readers.dates import iso_date
from explorer.readers.guess_column import numbers_of
from explorer.readers.guess_identifier import part_of
from explorer.readers.table_meaning import Column, Meaning
from explorer.readers.table_sheet import Fault, Sheet


@dataclass
class Cells:
    """A column after the check; lists have an entry a row.

    Attributes
    ----------
    texts : list of str or None
        As they stand in the file.
    numbers : dict
        Text to number.
    dates : dict
        Text to ISO date.
    states : list of str or None
        None where the cell holds a value; else why it does not, with the text:
        ``unknown: '[Discrepancy]'``.
    """

    texts: list[str | None]
    numbers: dict[str, float] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    states: list[str | None] = field(default_factory=list)


@dataclass
class Checked:
    """A table after the check.

    Attributes
    ----------
    patients : list of str or None
        Whose each row is; None where that cannot be told.
    cells : dict
        Column to its cells.
    faults : list of Fault
    """

    patients: list[str | None]
    cells: dict[str, Cells]
    faults: list[Fault]


def check_table(sheet: Sheet, meaning: Meaning) -> Checked:
    """Check every cell that becomes a fact or part of an event.

    Parameters
    ----------
    sheet : Sheet
    meaning : Meaning
        With `rows` 'patient' or 'event'.

    Returns
    -------
    Checked
    """
    rows = sheet.row_numbers()
    faults = list(sheet.faults)
    patients = _patients(sheet, meaning, rows, faults)
    cells: dict[str, Cells] = {}
    frame: dict[str, pd.Series[Any]] = {}
    checks: dict[str, list[tuple[str, Callable[[Any], bool]]]] = {}
    for name, column in _bounded(meaning).items():
        if column.kind == "skip":
            continue
        texts = sheet.texts(name)
        found = Cells(texts)
        codes = meaning.codes_of(name)
        due = column.kind not in ("text", "code", "report")
        whys = {text: absence(text, codes, text_due=not due) for text in set(texts)}
        found.states = [
            None if (why := whys[text]) is None else state_of(text, why) for text in texts
        ]
        held = [text for text, why in whys.items() if why is None and text is not None]
        checks[name] = _checks(column, found, held, _codes(meaning, name))
        if checks[name]:
            frame[name] = pd.Series(
                [
                    text if state is None else None
                    for text, state in zip(texts, found.states, strict=True)
                ],
                dtype=object,
            )
        cells[name] = found
    once = [one for one in patients if one is not None] if meaning.rows == "patient" else []
    twice = len(set(once)) < len(once)
    for position, place, said, expected in _pandera(frame, checks, patients if twice else None):
        faults.append(Fault(rows[position], place or meaning.identifier, said, expected))
        if place is not None:
            cells[place].states[position] = f"unknown: {said!r} is not {expected}"
    if twice:
        _contradictions(meaning, patients, rows, cells)
    return Checked(patients, cells, sorted(faults, key=_place))


def _place(fault: Fault) -> tuple[int, str]:
    return fault.row or 0, fault.column or ""


def _patients(
    sheet: Sheet, meaning: Meaning, rows: list[int], faults: list[Fault]
) -> list[str | None]:
    texts = sheet.texts(meaning.identifier)
    codes = meaning.codes_of(meaning.identifier)
    whose: dict[str | None, str | None] = {}
    for text in set(texts):
        if text is None or absence(text, codes) is not None:
            whose[text] = None
        else:
            whose[text] = part_of(text, meaning.part) if meaning.part else text
    expected = "an identifier" if not meaning.part else f"one with a part like {meaning.part}"
    for row, text in zip(rows, texts, strict=True):
        if whose[text] is None:
            faults.append(Fault(row, meaning.identifier, text or "", expected))
    return [whose[text] for text in texts]


def _bounded(meaning: Meaning) -> dict[str, Column]:
    """The columns; the times of outcomes cannot be negative."""
    for outcome in meaning.outcomes:
        for name in (outcome.time, outcome.followed):
            if name in meaning.columns and meaning.columns[name].least is None:
                meaning.columns[name].least = 0.0
    return meaning.columns


def _codes(meaning: Meaning, name: str) -> dict[str, str] | None:
    return next((one.codes for one in meaning.outcomes if one.event == name), None)


def _checks(
    column: Column, found: Cells, held: list[str], codes: dict[str, str] | None
) -> list[tuple[str, Callable[[Any], bool]]]:
    """What a cell has to be, by the words for people; fills the numbers and dates in."""
    checks: list[tuple[str, Callable[[Any], bool]]] = []
    if column.kind in ("number", "days"):
        numbers = found.numbers = numbers_of(held, column.decimal)
        checks.append(("a number", numbers.__contains__))
        if column.least is not None:
            least = column.least
            checks.append((f"at least {least:g}", lambda t: numbers.get(t, least) >= least))
        if column.most is not None:
            most = column.most
            checks.append((f"at most {most:g}", lambda t: numbers.get(t, most) <= most))
    elif column.kind == "date":
        form = column.form or "%Y-%m-%d"
        dates = {text: iso_date(text, form) for text in held}
        found.dates = {text: date for text, date in dates.items() if date is not None}
        checks.append((f"a date like {form}", found.dates.__contains__))
    if codes is not None:
        checks.append((f"one of {', '.join(map(repr, codes))}", codes.__contains__))
    return checks


def _pandera(
    frame: dict[str, pd.Series[Any]],
    checks: dict[str, list[tuple[str, Callable[[Any], bool]]]],
    patients: list[str | None] | None,
) -> list[tuple[int, str | None, str, str]]:
    """Run the checks; what fails as (position, column, text, expected), each cell once.

    The column is None for a patient who has several rows where there should be one.
    """
    import pandera.pandas as pandera

    # positions, since names of columns are hostile and pandera gives meaning to some
    places = {f"c{n}": name for n, name in enumerate(frame)}
    if not places and patients is None:
        return []
    columns = {
        place: pandera.Column(
            object,
            [
                # each different text is looked at once
                pandera.Check(_each(fits), name=f"k{n}", ignore_na=True)
                for n, (_, fits) in enumerate(checks[name])
            ],
            nullable=True,
        )
        for place, name in places.items()
    }
    data = pd.DataFrame({place: frame[name] for place, name in places.items()})
    if patients is not None:
        data["patient"] = pd.Series(patients, dtype=object)
        single = pandera.Check(_once, name="once", ignore_na=True)
        columns["patient"] = pandera.Column(object, [single], nullable=True)
    try:
        pandera.DataFrameSchema(columns).validate(data, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return []
    found: dict[tuple[int, str], tuple[int, str | None, str, str]] = {}
    for place, check, text, position in zip(
        cases["column"], cases["check"], cases["failure_case"], cases["index"], strict=True
    ):
        if place == "patient":
            found[int(position), place] = (int(position), None, str(text), "one row a patient")
        else:
            expected = checks[places[place]][int(str(check)[1:])][0]
            case = (int(position), places[place], str(text), expected)
            found.setdefault((int(position), place), case)
    return list(found.values())


def _each(fits: Callable[[Any], bool]) -> Callable[[Any], Any]:
    def check(series: pd.Series[Any]) -> pd.Series[bool]:
        known = {text: bool(fits(text)) for text in series.unique()}
        return series.map(known).astype(bool)

    return check


def _once(series: pd.Series[Any]) -> pd.Series[bool]:
    return ~series.duplicated(keep="first")


def _contradictions(
    meaning: Meaning, patients: list[str | None], rows: list[int], cells: dict[str, Cells]
) -> None:
    """Cells of one patient that say different things in several rows: none of them is known."""
    places: dict[str, list[int]] = {}
    for position, patient in enumerate(patients):
        if patient is not None:
            places.setdefault(patient, []).append(position)
    for several in places.values():
        if len(several) < 2:
            continue
        for one in cells.values():
            said = {one.texts[place] for place in several if one.states[place] is None}
            if len(said) < 2:
                continue
            held = [place for place in several if one.states[place] is None]
            others = ", ".join(f"{one.texts[place]!r} in row {rows[place]}" for place in held)
            for place in held:
                one.states[place] = f"unknown: the patient has several rows: {others}"
