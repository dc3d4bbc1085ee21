"""Workbooks (.xlsx): values as text, formulas never evaluated, bombs refused."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from explorer.errors import FileRefusedError
from explorer.readers.table_sheet import Sheet, unique_names

BOOK_BYTES = 256 << 20
"""What the parts of a workbook may unpack to, together."""

BOOK_CELLS = 20_000_000
_RATIO = 300
_MOST_PARTS = 4096


def read_book(path: Path) -> list[Sheet]:
    """Read every sheet of a workbook that has a head and rows.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    list of Sheet

    Raises
    ------
    FileRefusedError
        It is no workbook, or one that would unpack to more than any real one.
    """
    import openpyxl

    _guard(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # a broken part makes openpyxl raise anything
        raise FileRefusedError(f"The workbook is broken: {type(error).__name__}") from error
    try:
        sheets = [
            one
            for sheet in book.worksheets
            if (one := _sheet(sheet.title, _rows(sheet))) is not None
        ]
    except FileRefusedError:
        raise
    except Exception as error:  # a broken part makes openpyxl raise anything
        raise FileRefusedError(f"The workbook is broken: {type(error).__name__}") from error
    finally:
        book.close()
    if not sheets:
        raise FileRefusedError("The workbook has no sheet with a line of names and rows")
    if len(sheets) == 1:
        sheets[0].name = None
    return sheets


def _guard(path: Path) -> None:
    """Bounds before memory: sizes that the archive claims, and no DTD (entities) in any part."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS:
                raise FileRefusedError(f"The workbook has {len(parts)} parts")
            total = 0
            for part in parts:
                total += part.file_size
                packed = max(part.compress_size, 1)
                bomb = part.file_size > (1 << 20) and part.file_size > _RATIO * packed
                if bomb or total > BOOK_BYTES:
                    raise FileRefusedError(
                        f"The workbook claims to unpack to {part.file_size} bytes from "
                        f"{part.compress_size}",
                        expected=f"at most {BOOK_BYTES >> 20} MiB",
                        do="save the sheet as CSV",
                    )
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(part) as file:
                        _refuse_dtd(file.read(4096))
    except FileRefusedError:
        raise
    except Exception as error:  # zlib, struct, encryption: each with errors of its own
        raise FileRefusedError(f"The workbook is broken: {type(error).__name__}") from error


def _refuse_dtd(head: bytes) -> None:
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise FileRefusedError("The workbook declares entities", expected="plain XML")

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(head, False)
    except expat.ExpatError:
        return  # openpyxl will say what is wrong with it, if it needs the part


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # a claim of the file, to which openpyxl would pad every row
    seen = 0
    for row in sheet.iter_rows(values_only=True):
        seen += len(row) + 1
        if seen > BOOK_CELLS:
            raise FileRefusedError(
                "The sheet has more cells than any real one", expected=f"at most {BOOK_CELLS}"
            )
        yield row


def _sheet(title: str, rows: Iterator[tuple[Any, ...]]) -> Sheet | None:
    head: tuple[Any, ...] = ()
    for head in rows:
        if any(cell is not None for cell in head):
            break
    else:
        return None
    found: list[tuple[Any, ...]] = []
    numbers: list[int] = []
    for number, row in enumerate(rows, start=1):
        if any(cell is not None for cell in row):
            found.append(row)
            numbers.append(number)
    if not found:
        return None
    width = max(len(head), max(map(len, found)))
    while width > len(head) and all(len(row) < width or row[width - 1] is None for row in found):
        width -= 1
    names = unique_names([_text(cell) for cell in head] + [None] * (width - len(head)))
    columns = [
        pa.array([_text(row[k]) if k < len(row) else None for row in found], pa.string())
        for k in range(width)
    ]
    plain = numbers == list(range(1, len(numbers) + 1))
    return Sheet(title, pa.table(columns, names=names), None if plain else numbers, "a workbook")


def _text(value: Any) -> str | None:
    """A cell as text; a formula stays the text that it is."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    # openpyxl's formulas over several cells are objects with the text in them
    return str(getattr(value, "text", value))
