"""A table as it stands in a file: columns of text, nothing interpreted yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Fault:
    """One cell (or row, where `column` is None) that is not what its column says.

    Attributes
    ----------
    row : int or None
        Data row in the file, counted from 1 without the head; None for the whole column.
    column : str or None
    found, expected : str
    """

    row: int | None
    column: str | None
    found: str
    expected: str

    def text(self) -> str:
        """The fault in a line."""
        place = ", ".join(
            part
            for part in (
                f"row {self.row}" if self.row is not None else "",
                f"column {self.column!r}" if self.column is not None else "",
            )
            if part
        )
        return f"{place}: {self.found!r}, expected {self.expected}"


@dataclass
class Sheet:
    """One table.

    Attributes
    ----------
    name : str or None
        Of a workbook's sheet, where the workbook has several.
    data : pyarrow.Table
        Every column as strings, null for an empty cell; names are unique.
    rows : list of int or None
        Data row in the file for each row of `data`; None where they count 1, 2, 3, ...
    how : str
        How it was read, for people: 'utf-8, separated by commas'.
    faults : list of Fault
        Rows that could not be split into cells.
    """

    name: str | None
    data: pa.Table
    rows: list[int] | None = None
    how: str = ""
    faults: list[Fault] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in the order of the file."""
        return list(self.data.column_names)

    def row_numbers(self) -> list[int]:
        """Data row in the file of each row of `data`."""
        return self.rows if self.rows is not None else list(range(1, self.data.num_rows + 1))

    def texts(self, column: str) -> list[str | None]:
        """The cells of a column."""
        found: list[str | None] = self.data[column].to_pylist()
        return found


def unique_names(names: list[Any]) -> list[str]:
    """Make the names of columns unique, in pandas' way.

    An empty name becomes ``Unnamed: 3`` (counted from 0), the second ``x`` becomes ``x.1``.
    """
    taken: set[str] = set()
    plain = ["" if name is None else str(name) for name in names]
    found: list[str] = []
    for position, name in enumerate(plain):
        base = name if name.strip() else f"Unnamed: {position}"
        fresh, count = base, 0
        while fresh in taken or (count and fresh in plain):
            count += 1
            fresh = f"{base}.{count}"
        taken.add(fresh)
        found.append(fresh)
    return found
