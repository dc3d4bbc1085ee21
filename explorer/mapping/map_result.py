"""MapResult: what became of each call of a mapped function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from explorer.html import table_html

_COLUMNS = [
    "patient", "key", "item", "status", "reason", "made", "input_version", "version", "seconds",
]  # fmt: skip
_SHOWN = 50


@dataclass
class MapResult:
    """One row a call.

    Attributes
    ----------
    producer, version : str
        As they stand in the table ``runs``.
    rows : list of dict
        patient (hostile text), key, item (None for the whole patient), status ('made',
        'unchanged', 'refused'), reason, made (how many of each kind), input_version, version (the
        patient's, that holds the results), seconds.
    """

    producer: str
    version: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def table(self) -> pd.DataFrame:
        """All calls."""
        return pd.DataFrame(self.rows, columns=_COLUMNS)

    @property
    def failures(self) -> pd.DataFrame:
        """Calls that were refused, each with its reason."""
        found = [row for row in self.rows if row["status"] == "refused"]
        return pd.DataFrame(found, columns=_COLUMNS)

    @property
    def counts(self) -> dict[str, int]:
        """Status to number of calls."""
        statuses = [row["status"] for row in self.rows]
        return {one: statuses.count(one) for one in ("made", "unchanged", "refused")}

    @property
    def ok(self) -> bool:
        """Whether nothing was refused."""
        return not self.counts["refused"]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        said = ", ".join(f"{number} {status}" for status, number in self.counts.items())
        return f"<MapResult {self.producer} {self.version}: {said}>"

    def _repr_html_(self) -> str:
        order = sorted(self.rows, key=lambda row: row["status"] != "refused")[:_SHOWN]
        said = ", ".join(f"{number} {status}" for status, number in self.counts.items())
        more = f"; the first {_SHOWN}" if len(self.rows) > _SHOWN else ""
        rows = [
            [
                row["patient"], row["item"], row["status"], row["reason"],
                ", ".join(f"{n} {kind}" for kind, n in row["made"].items()), row["version"],
            ]
            for row in order
        ]  # fmt: skip
        head = ["patient", "item", "status", "reason", "made", "version"]
        return table_html(head, rows, f"{self.producer} {self.version}: {said}{more}")
