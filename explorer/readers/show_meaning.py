"""A table's meaning as lines for the person who ingests it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from explorer.readers.table_meaning import Column, Meaning
from explorer.readers.table_sheet import Sheet


def show_meaning(sheet: Sheet, meaning: Meaning, uri: str) -> list[dict[str, Any]]:
    """Say what each column was taken for, and why.

    Parameters
    ----------
    sheet : Sheet
    meaning : Meaning
    uri : str
        The file.

    Returns
    -------
    list of dict
        file, sheet, column, meaning, why; the table as a whole first, with no column.
    """
    lines = [
        {"file": uri, "sheet": sheet.name, "column": column, "meaning": what, "why": why}
        for column, what, why in _lines(sheet, meaning)
    ]
    told = {line["column"] for line in lines}
    order = {name: n for n, name in enumerate(sheet.columns)}
    lines.sort(key=lambda line: order.get(str(line["column"]), -1))
    return lines if told else []


def _lines(sheet: Sheet, meaning: Meaning) -> Iterator[tuple[str | None, str, str]]:
    whole = {
        "patient": "one row a patient",
        "event": f"a row an event of the kind {meaning.kind or 'row'!r}",
        "features": "a row a feature, a column a sample",
    }[meaning.rows]
    yield None, whole, "; ".join([sheet.how, *meaning.notes])
    if meaning.features:
        yield meaning.features, "names of the features", ""
    if meaning.identifier:
        part = f", of which {meaning.part} is the patient" if meaning.part else ""
        yield meaning.identifier, f"the patient's identifier{part}", meaning.why
    roles = {
        meaning.time: "when it was", meaning.end: "when it ended", meaning.name: "what it was",
        meaning.value: "its value", meaning.unit: "its unit", meaning.code: "its code",
    }  # fmt: skip
    for name, column in meaning.columns.items():
        yield name, _column(column, meaning.rows, roles.get(name)), column.why
    for outcome in meaning.outcomes:
        codes = ", ".join(f"{text} {said}" for text, said in outcome.codes.items())
        unit = f" in {outcome.unit}" if outcome.unit else ", of no unit that is said"
        yield outcome.event, f"outcome {outcome.name!r}{unit}: {codes}", outcome.why
    for block in meaning.vectors:
        what = f"vector {block.name!r} of {len(block.columns)} numbers"
        yield (block.columns[0] if block.columns else None), what, block.pattern or ""


def _column(column: Column, rows: str, role: str | None) -> str:
    parts = [column.kind]
    if column.unit and column.unit != column.kind:
        parts.append(f"in {column.unit}")
    if column.zero:
        parts.append(f"from {column.zero}")
    if column.form:
        parts.append(column.form)
    if column.scheme:
        parts.append(column.scheme)
    if column.absent:
        parts.append(f"absent: {', '.join(column.absent)}")
    if rows == "event" and column.kind != "skip":
        parts.append("of the patient" if column.per == "patient" else "of the row")
    if role:
        parts.append(role)
    return ", ".join(parts)
