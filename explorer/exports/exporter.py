"""The contract of a format: patients in, files out, an index at the end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from explorer.errors import NotFoundError

if TYPE_CHECKING:
    from explorer.exports.run import Run
    from explorer.exports.subject import Subject


@runtime_checkable
class Exporter(Protocol):
    """One format; registered under the entry-point group ``oncograph.exporters``."""

    name: str
    """Short and unique: 'nnunet', 'bids', ..."""

    about: str
    """What it writes, for people: one line."""

    tables: Sequence[str]
    """Record tables that `write` reads of every patient."""

    def begin(self, run: Run) -> None:
        """Settle what is common to all patients, before anything is written.

        Raises
        ------
        StoreError
            The format cannot do what is asked.
        """
        ...

    def write(self, run: Run, subject: Subject) -> None:
        """Write one patient's files."""
        ...

    def finish(self, run: Run) -> None:
        """Write what speaks of all patients, from the notes that `write` left."""
        ...


@lru_cache(maxsize=1)
def formats() -> dict[str, Exporter]:
    """Every installed format by name."""
    points = sorted(entry_points(group="oncograph.exporters"), key=lambda point: point.name)
    return {point.name: cast("Exporter", point.load()()) for point in points}


def find_format(name: str) -> Exporter:
    """The format of a name.

    Raises
    ------
    NotFoundError
        There is none.
    """
    known = formats()
    if name not in known:
        raise NotFoundError(f"No format {name!r}", expected=", ".join(known))
    return known[name]
