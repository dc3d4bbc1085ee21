"""Knowledge: what findings are and how they look, in short texts of our own."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from explorer.html import table_html

_OWN = Path(__file__).parent / "data" / "knowledge.csv"
SOURCE = "oncograph.knowledge"


@dataclass(frozen=True)
class Known:
    """One finding.

    Attributes
    ----------
    finding : str
    definition, look : str
        What it is, and how it looks on an image; no advice and no diagnosis.
    entities : tuple of str
        The lexicon's names of it.
    mesh : tuple of str
        MeSH headings that Open-i's indexers used for it.
    source : str
        'oncograph.knowledge/nodule': the texts are the package's own wording, of no other text.
    """

    finding: str
    definition: str
    look: str
    entities: tuple[str, ...]
    mesh: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Coverage:
    """How many of some MeSH headings are known.

    Attributes
    ----------
    mapped : dict of str to str
        Heading to finding.
    unmapped : dict of str to int
        Heading to how often it stood there, the commonest first.
    uses, uses_mapped : int
        Headings with their repetitions.
    """

    mapped: dict[str, str]
    unmapped: dict[str, int]
    uses: int
    uses_mapped: int

    def __str__(self) -> str:
        kinds = len(self.mapped) + len(self.unmapped)
        return (
            f"{len(self.mapped)} of {kinds} headings are mapped, "
            f"{self.uses_mapped} of {self.uses} uses; unmapped: "
            + (", ".join(f"{name} ({count})" for name, count in self.unmapped.items()) or "none")
        )


class Knowledge:
    """The findings that are described.

    Parameters
    ----------
    rows : iterable of Known
    """

    def __init__(self, rows: Iterable[Known]) -> None:
        self.rows = tuple(rows)
        self._entities = {name.lower(): one for one in self.rows for name in one.entities}
        self._entities |= {one.finding.lower(): one for one in self.rows}
        self._mesh = {name.lower(): one for one in self.rows for name in one.mesh}

    @staticmethod
    @cache
    def read(file: Path = _OWN) -> Knowledge:
        """Read a table: finding, entities, mesh, definition, look; lists are joined by ``|``."""
        with file.open(encoding="utf-8-sig", newline="") as source:
            rows = list(csv.DictReader(line for line in source if not line.startswith("#")))
        name = SOURCE if file == _OWN else file.stem
        return Knowledge(
            Known(
                row["finding"],
                row["definition"],
                row["look"],
                _list(row["entities"]),
                _list(row["mesh"]),
                f"{name}/{row['finding'].replace(' ', '-')}",
            )
            for row in rows
        )

    def of(self, entity: str) -> Known | None:
        """What is known of a finding's entity; None where nothing is."""
        return self._entities.get(entity.lower())

    def of_mesh(self, heading: str) -> Known | None:
        """What is known of a MeSH heading or path ('Opacity/lung/base'); None where nothing is."""
        return self._mesh.get(heading.split("/")[0].strip().lower())

    def coverage(self, headings: Iterable[str]) -> Coverage:
        """Which MeSH headings (or paths) are described, and which are not."""
        counts = Counter(one.split("/")[0].strip() for one in headings)
        found = {name: self.of_mesh(name) for name in counts}
        mapped = {name: one.finding for name, one in sorted(found.items()) if one is not None}
        unmapped = {name: n for name, n in counts.most_common() if name not in mapped}
        return Coverage(
            mapped, unmapped, sum(counts.values()), sum(counts[name] for name in mapped)
        )

    def _repr_html_(self) -> str:
        cells = [(one.finding, one.definition, one.look, one.source) for one in self.rows]
        return table_html(
            ("Finding", "What it is", "How it looks", "Source"), cells, f"{len(cells)} findings"
        )


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())
