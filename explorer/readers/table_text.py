"""CSV and its kin: encoding, separator, head, and rows that do not fit."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from explorer.errors import FileRefusedError
from explorer.readers.table_sheet import Fault, Sheet, unique_names

TEXT_BYTES = 512 << 20
"""Bytes of a text table, unpacked; a larger one is better kept as Parquet."""

_SEPARATORS = (",", "\t", ";", "|")
_CALLED = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
_SAMPLE = 1 << 18
_MOST_COLUMNS = 200_000


def read_text_table(
    path: Path, packed: bool, separator: str | None = None, encoding: str | None = None
) -> Sheet:
    """Read a table of text.

    Parameters
    ----------
    path : pathlib.Path
    packed : bool
        Whether it is gzipped.
    separator, encoding : str, optional
        By default they are found out.

    Returns
    -------
    Sheet

    Raises
    ------
    FileRefusedError
        It is no text, too large, or its quotes do not close.
    """
    raw = _bytes(path, packed)
    text, called = decode_text(raw, encoding)
    del raw
    skipped = _comments(text)
    body = text[skipped:] if skipped else text
    chosen = separator or find_separator(body[:_SAMPLE], path.name)
    head, first = _head(body, chosen)
    if first is not None and len(first) == len(head) + 1:
        head = ["", *head]  # R's write.table leaves out the name of the rows' names
    if not any(name.strip() for name in head):
        raise FileRefusedError("The first line names no columns", expected="a line of names")
    if len(head) > _MOST_COLUMNS:
        raise FileRefusedError(f"{len(head)} columns", expected=f"at most {_MOST_COLUMNS}")
    names = unique_names(head)
    how = f"{called}, separated by {_CALLED.get(chosen, repr(chosen))}"
    found = _fast(body, chosen, names)
    if found is not None:
        return Sheet(None, found, None, how)
    return _slow(body, chosen, names, how)


def _bytes(path: Path, packed: bool) -> bytes:
    if not packed:
        if path.stat().st_size > TEXT_BYTES:
            raise _too_large()
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            data = file.read(TEXT_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefusedError(f"The gzip file is broken: {error}") from error
    if len(data) > TEXT_BYTES:
        raise _too_large()
    return data


def _too_large() -> FileRefusedError:
    return FileRefusedError(
        "The table is too large to be read as text",
        expected=f"at most {TEXT_BYTES >> 20} MiB unpacked",
        do="write it as Parquet, or split it",
    )


def decode_text(raw: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Decode bytes of unknown encoding.

    Parameters
    ----------
    raw : bytes
    encoding : str, optional
        Said by a person.

    Returns
    -------
    text : str
    called : str
        The encoding: 'utf-8', 'utf-16', or 'windows-1252' where it is no UTF-8.

    Raises
    ------
    FileRefusedError
        The bytes are no text, or not of the encoding that was said.
    """
    tried = [encoding] if encoding else ["utf-8-sig", "windows-1252", "latin-1"]
    if not encoding and raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tried = ["utf-16"]
    elif not encoding and raw[:4096].count(0) > len(raw[:4096]) // 8:
        raise FileRefusedError("The file is not text", expected="a table of text")
    for name in tried:
        try:
            return raw.decode(name), name.removesuffix("-sig")
        except (UnicodeDecodeError, LookupError):
            continue
    raise FileRefusedError(
        f"The file is no text of the encoding {tried[0]}", do="name its encoding in the map"
    )


def _comments(text: str) -> int:
    """Characters of the lines of comments before the head, as sequencing tools write them."""
    if not text.startswith("#"):
        return 0
    place = 0
    while text.startswith("##", place) or (text.startswith("#", place) and _narrow(text, place)):
        end = text.find("\n", place)
        if end < 0:
            return 0
        place = end + 1
    return place


def _narrow(text: str, place: int) -> bool:
    """Whether a line has no separator while the one after it has: it is no head."""
    end = text.find("\n", place)
    after = text[end + 1 : text.find("\n", end + 1)] if end >= 0 else ""
    return not any(s in text[place:end] for s in _SEPARATORS[:3]) and any(
        s in after or after.startswith("#") for s in _SEPARATORS[:3]
    )


def find_separator(sample: str, name: str = "") -> str:
    """Find what separates the cells: the sign with which the lines have equally many."""
    best, score = ("\t" if ".tsv" in name.lower() else ","), (0.0, 0)
    for sign in _SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=sign))
        except csv.Error:
            continue
        rows = [row for row in rows[: max(1, min(len(rows) - 1, 200))] if row]
        if not rows:
            continue
        (width, count), *_ = Counter(map(len, rows)).most_common(1)
        if width < 2:
            continue
        found = (round(count / len(rows), 1), width)
        if found > score:
            best, score = sign, found
    return best


def _head(text: str, separator: str) -> tuple[list[str], list[str] | None]:
    reader = csv.reader(io.StringIO(text[: 64 << 20], newline=""), delimiter=separator)
    try:
        rows = (row for row in reader if row)
        head = next(rows, [])
        return head, next(rows, None)
    except csv.Error as error:
        raise FileRefusedError(f"The head of the table cannot be read: {error}") from error


def _fast(text: str, separator: str, names: list[str]) -> pa.Table | None:
    """Arrow's reader; None where a row has more or fewer cells than the head."""
    if "\x00" in text:
        return None  # Arrow takes the sign for an end, and loses a row
    fields = [f"f{n}" for n in range(len(names))]
    try:
        data = arrow_csv.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=arrow_csv.ReadOptions(
                column_names=fields, skip_rows_after_names=1, block_size=32 << 20
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(fields, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError, OverflowError, UnicodeError):
        return None
    return data.rename_columns(names)


def _slow(text: str, separator: str, names: list[str], how: str) -> Sheet:
    """Row by row, so that every row that does not fit is named and left out."""
    width = len(names)
    cells: list[list[str | None]] = [[] for _ in names]
    numbers: list[int] = []
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = -1
    try:
        for row in reader:
            if not row:
                continue
            number += 1
            if number == 0:
                continue
            if len(row) > width and not any(row[width:]):
                row = row[:width]
            if len(row) != width:
                found = separator.join(row)[:200]
                faults.append(Fault(number, None, found, f"{width} cells, there are {len(row)}"))
                continue
            numbers.append(number)
            for column, cell in zip(cells, row, strict=True):
                column.append(cell or None)
    except csv.Error as error:
        raise FileRefusedError(
            f"The table breaks off after row {number}: {error}",
            expected="quotes that close, and one line end a row",
            where=f"line {reader.line_num}",
        ) from error
    data = pa.table([pa.array(column, pa.string()) for column in cells], names=names)
    return Sheet(None, data, numbers if faults else None, how, faults)
