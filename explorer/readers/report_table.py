"""Tables of reports: which columns hold the patient, the date and the text, and their rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from explorer.draft import Source
from explorer.item_id import item_id
from explorer.readers.report_rows import report_row

Row = dict[str, Any]

_PATIENT = re.compile(
    r"^(?:(?:patient|subject|person|case|participant|pat|pt)[ _.-]*"
    r"(?:id|identifier|nr|no|number|barcode|uid|submitter[ _]?id|num|filename)?|mrn|pid|"
    r"bcr_patient_barcode|hospital[ _]?number)$",
    re.I,
)
_REPORT_ID = re.compile(
    r"^(?:(?:report|study|note|exam|accession|document|order)[ _.-]*"
    r"(?:id|identifier|nr|no|number|uid)|accession|studyinstanceuid)$",
    re.I,
)
_DATE = re.compile(
    r"^(?:date|datum|.*(?:report|study|exam|scan|note|chart|visit).*(?:date|datum)"
    r"|(?:date|datum).*(?:report|study|exam|scan|note|visit).*|charttime)$",
    re.I,
)
_TEXT = re.compile(
    r"^(?:.*_)?(?:report|report[ _]?text|text|full[ _]?text|narrative|note|note[ _]?text|findings?|"
    r"impressions?|conclusions?|indication|comparison|technique|history|clinical[ _]?"
    r"(?:information|history|data)|diagnosis|gross[ _]?description|comment|befund|beurteilung|"
    r"verslag|conclusie|compte[ _]?rendu|informe)(?:s|_en|_de|_nl|_es|_fr)?$",
    re.I,
)
_LOOK = 200
_LONG = 80  # characters: what a cell of free text has in the median, where its name says nothing
_SHORT = 20


@dataclass(frozen=True)
class ReportColumns:
    """Which columns of a table make reports.

    Attributes
    ----------
    patient, date, report : str or None
        Columns with whose it is, its ISO date, its own identifier.
    text : list of str
        Columns of text, in the table's order; several become sections of one report.
    reasons : dict
        Column to why it was taken, to be shown.
    """

    patient: str | None
    text: list[str]
    date: str | None = None
    report: str | None = None
    reasons: dict[str, str] = field(default_factory=dict)


def report_columns(table: pd.DataFrame) -> ReportColumns | None:
    """Guess whether a table holds reports, and in which columns.

    A column of text is one with long cells of words (80 characters in the median), or one that
    is called like a report or a section of it and has at least 20.

    Parameters
    ----------
    table : pandas.DataFrame
        Cells as text, missing ones None or NaN; the first 200 rows are looked at.

    Returns
    -------
    ReportColumns or None
        None where no column holds texts. Its `patient` is None where no column's name says
        whose the rows are: `--map` has to.
    """
    look = table.head(_LOOK)
    reasons: dict[str, str] = {}
    for name in table.columns:
        why = _is_text(str(name), look[name])
        if why:
            reasons[str(name)] = why
    texts = list(reasons)
    if not texts:
        return None
    rest = [str(name) for name in table.columns if str(name) not in reasons]
    patient = next((name for name in rest if _PATIENT.match(name)), None)
    report = next((name for name in rest if _REPORT_ID.match(name)), None)
    dated = (name for name in rest if _DATE.match(name) and _are_dates(look[name]))
    day = next(dated, None)
    for chosen, why in ((patient, "whose it is"), (report, "the report's own"), (day, "ISO dates")):
        if chosen:
            reasons[chosen] = f"called {chosen!r}: {why}"
    return ReportColumns(patient, texts, day, report, reasons)


def report_texts(
    table: pd.DataFrame, columns: ReportColumns, source: Source
) -> dict[str, list[Row]]:
    """Make the rows of a table's reports.

    Parameters
    ----------
    table : pandas.DataFrame
        Cells as text; the row at position 0 is data row 1 of the file.
    columns : ReportColumns
    source : Source

    Returns
    -------
    dict
        Patient's identifier ('' where the cell is empty, or no column says it) to rows of
        ``texts``.
    """
    found: dict[str, list[Row]] = {}
    names = [str(name) for name in table.columns]
    for number, cells in enumerate(table.itertuples(index=False, name=None), 1):
        row = dict(zip(names, cells, strict=True))
        text, sections = _text(row, columns.text)
        if not text:
            continue
        patient = _cell(row.get(columns.patient or "")).strip()
        own = _cell(row.get(columns.report or "")).strip()
        item = item_id("report", source.relative, own or f"row {number}")
        texts = found.setdefault(patient, [])
        if any(one["item"] == item for one in texts):  # one report's id on several rows
            item = item_id("report", source.relative, own, f"row {number}")
        texts.append(
            report_row(
                item, text, source, name=own or f"{source.path.name}, row {number}",
                date=_iso(_cell(row.get(columns.date or ""))), row=number, sections=sections,
            )
        )  # fmt: skip
    return found


def _is_text(name: str, cells: pd.Series[Any]) -> str | None:
    said = [cell for cell in map(_cell, cells) if cell.strip()]
    if not said:
        return None
    lengths = sorted(map(len, said))
    middle = lengths[len(lengths) // 2]
    words = sum(len(cell.split()) for cell in said) / len(said)
    several = len(set(said)) > min(1, len(said) - 1)
    if middle >= _LONG and words >= 8 and several:
        return f"long texts ({middle} characters in the median)"
    if _TEXT.match(name) and max(lengths) >= _SHORT and words >= 3:
        return f"called {name!r}, and holds words"
    return None


def _text(row: Row, columns: Sequence[str]) -> tuple[str, dict[str, tuple[int, int] | None]]:
    """Text of a row; of several columns the sections, each after its column's name."""
    if len(columns) == 1:
        text = _cell(row.get(columns[0]))
        return (text, {}) if text.strip() else ("", {})
    text = ""
    sections: dict[str, tuple[int, int] | None] = {}
    for name in columns:
        words = _cell(row.get(name))
        if not words.strip():
            sections[name] = None
            continue
        text += ("\n\n" if text else "") + f"{name}: "
        sections[name] = (len(text), len(text) + len(words))
        text += words
    return text, sections


def _are_dates(cells: pd.Series[Any]) -> bool:
    said = [cell for cell in map(_cell, cells) if cell.strip()]
    return bool(said) and sum(_iso(cell) is not None for cell in said) >= 0.8 * len(said)


def _iso(cell: str) -> str | None:
    """A cell's date where it is a whole ISO one, with or without a time behind it."""
    try:
        return date.fromisoformat(cell.strip()[:10]).isoformat() if len(cell) >= 10 else None
    except ValueError:
        return None


def _cell(value: Any) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)
