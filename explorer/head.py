"""Head: one version of one patient, as the commit point says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from explorer.layout import RECORDS


@dataclass(frozen=True, slots=True)
class Head:
    """One version of one patient: what the commit point says.

    Attributes
    ----------
    patient : str
        The opaque key.
    version : int
        1 for the first visible one.
    commit : str
        The commit that made it.
    snapshot : str or None
        Of the patient's arrays; None where there are none.
    updated : str
        ISO time, UTC.
    at : dict
        Table name to the commit whose rows are current, or None.
    """

    patient: str
    version: int
    commit: str
    snapshot: str | None
    updated: str
    at: dict[str, str | None]

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Head:
        """Read a row of ``patients`` or ``commits``."""
        return cls(
            row["patient"],
            row["version"],
            row["commit"],
            row["snapshot"],
            row.get("updated") or row.get("time") or "",
            {table: row.get(f"at_{table}") for table in RECORDS},
        )

    def row(self, time_name: str = "updated") -> dict[str, Any]:
        """The same as a row."""
        return {
            "patient": self.patient,
            "version": self.version,
            "commit": self.commit,
            "snapshot": self.snapshot,
            time_name: self.updated,
            **{f"at_{table}": commit for table, commit in self.at.items()},
        }


def heads_of(table: pa.Table) -> list[Head]:
    """Rows of ``patients`` as heads, in their order."""
    # column by column: a dict for each row would take the most of the time
    at = zip(*(_plain(table[f"at_{name}"]) for name in RECORDS), strict=True)
    names = ("patient", "version", "commit", "snapshot", "updated")
    about = zip(*(_plain(table[name]) for name in names), strict=True)
    return [
        Head(
            patient, version, commit, snapshot, time or "", dict(zip(RECORDS, theirs, strict=True))
        )
        for (patient, version, commit, snapshot, time), theirs in zip(about, at, strict=True)
    ]


def _plain(column: pa.ChunkedArray) -> list[Any]:
    """A column as a list; one of nothing costs nothing."""
    return [None] * len(column) if column.null_count == len(column) else column.to_pylist()
