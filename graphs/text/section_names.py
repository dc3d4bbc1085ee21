"""SectionNames: the headers of reports, from a table that users extend."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from explorer.errors import MapError

_OWN = Path(__file__).parent / "data" / "section_names.csv"
ENDINGS = "*_.)"  # what may stand behind a header and belong to none
_COLUMNS = ("section", "language", "header")


@dataclass(frozen=True)
class SectionNames:
    """What sections are called.

    Attributes
    ----------
    headers : dict of str to str
        From a header in small letters, one space between words, to the name of the section.

    Examples
    --------
    >>> SectionNames.read().name("Reason for  exam")
    'indication'
    """

    headers: dict[str, str]

    @cached_property
    def first_words(self) -> frozenset[str]:
        """What the headers begin with, without the signs that may stand behind a header."""
        return frozenset(one.split(" ", 1)[0].rstrip(ENDINGS) for one in self.headers)

    @staticmethod
    @cache
    def read(*files: Path) -> SectionNames:
        """Read the package's own headers, then those of other files, which win.

        Parameters
        ----------
        *files : Path
            CSV in UTF-8 with the columns section, language and header; lines that begin with
            ``#`` are comments.

        Raises
        ------
        MapError
            A column is missing, or a line has an empty section or header.
        """
        headers: dict[str, str] = {}
        for file in (_OWN, *files):
            headers.update(_read(file))
        return SectionNames(headers)

    def name(self, header: str) -> str | None:
        """Name of the section that a header begins; None where it is no header."""
        return self.headers.get(" ".join(header.lower().split()))


def _read(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    with file.open(encoding="utf-8-sig", newline="") as source:
        lines = [
            (number, line)
            for number, line in enumerate(source, 1)
            if line.strip() and not line.startswith("#")
        ]
    rows = csv.reader(line for _, line in lines)
    head = [one.strip().lower() for one in next(rows, [])]
    for column in _COLUMNS:
        if column not in head:
            raise MapError(
                f"The table of section names has no column {column!r}.",
                expected=", ".join(_COLUMNS),
                where=f"{file}, line {lines[0][0] if lines else 1}",
            )
    for (number, _), row in zip(lines[1:], rows, strict=False):
        cells = dict(zip(head, (one.strip() for one in row), strict=False))
        header = " ".join(cells.get("header", "").lower().split())
        if not header or not cells.get("section"):
            raise MapError(
                "A line of the table of section names has an empty section or header.",
                expected="section,language,header",
                where=f"{file}, line {number}",
            )
        found[header] = cells["section"].lower()
    return found
