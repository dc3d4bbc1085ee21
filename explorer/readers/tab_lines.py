"""Tab-separated files of the genomic formats: no quotes, comments first, one row a line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from explorer.errors import FileRefusedError
from explorer.readers.table_sheet import Fault, unique_names
from explorer.readers.table_text import decode_text

TAB_BYTES = 512 << 20
"""Bytes of one file, unpacked."""
_MOST_FAULTS = 1000


@dataclass
class TabLines:
    """A tab-separated file.

    Attributes
    ----------
    comments : list of str
        The lines before the head that begin with ``#``, without it.
    columns : list of str
        Unique.
    faults : list of Fault
        Rows with more or fewer cells than the head has columns; filled while `rows` runs.
    """

    comments: list[str]
    columns: list[str]
    lines: list[str]
    faults: list[Fault] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Data rows as (number, cells), counted from 1; those that do not fit become faults."""
        width, number = len(self.columns), 0
        for line in self.lines:
            if not line.strip():
                continue
            number += 1
            cells = line.split("\t")
            if len(cells) > width and not any(cells[width:]):
                cells = cells[:width]
            if len(cells) == width:
                yield number, cells
            elif len(self.faults) < _MOST_FAULTS:
                expected = f"{width} cells, there are {len(cells)}"
                self.faults.append(Fault(number, None, line[:200], expected))

    def find(self, *names: str) -> str | None:
        """The first of some columns that is there, whatever its case."""
        lower = {column.lower(): column for column in reversed(self.columns)}
        return next((lower[name.lower()] for name in names if name.lower() in lower), None)


def tab_lines(path: Path) -> TabLines:
    """Open a tab-separated file, gzipped or not.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    TabLines

    Raises
    ------
    FileRefusedError
        It is no text, is larger than 512 MiB unpacked, or has no head.
    """
    text, _ = decode_text(_bytes(path))
    end = "\n" if "\n" in text or "\r" not in text else "\r"  # old Macs' line ends occur
    lines = [line.removesuffix("\r") for line in text.split(end)]
    first = 0
    while first < len(lines) and (lines[first].startswith("#") or not lines[first].strip()):
        first += 1
    if first == len(lines):
        raise FileRefusedError("The file has no head", expected="a line with the columns' names")
    comments = [line[1:] for line in lines[:first] if line.startswith("#")]
    return TabLines(comments, unique_names(lines[first].split("\t")), lines[first + 1 :])


def tab_head(path: Path, most: int = 1 << 16) -> list[str]:
    """The columns of a tab-separated file by its first bytes; empty where it is none."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            start = file.read(most)
    except (EOFError, OSError, zlib.error):
        return []
    text = start.decode("utf-8", "replace").replace("\r", "\n")
    lines = (line for line in text.split("\n") if line.strip() and not line.startswith("#"))
    columns = next(lines, "").split("\t")
    return columns if len(columns) > 1 else []


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            data: bytes = file.read(TAB_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefusedError(f"The gzip file is broken: {error}") from error
    if len(data) > TAB_BYTES:
        raise FileRefusedError(
            "The file is too large to be read as text",
            expected=f"at most {TAB_BYTES >> 20} MiB unpacked",
        )
    return data
