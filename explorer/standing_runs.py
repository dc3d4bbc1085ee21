"""Runs of programs that still stand, over all patients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from explorer.derived import text_sha256


class HasRows(Protocol):
    """What has rows of patients, each at one version: a cohort, a frozen one."""

    def rows(self, table: str, columns: Sequence[str]) -> pa.Table:
        """Rows of a record table; ``patient`` is the first column."""


def standing_runs(of: HasRows) -> set[str]:
    """Ids of runs that are the newest of their kind and whose report still reads the same.

    What `explorer.derived.current_runs` tells of one patient, of all of them in one pass.

    Parameters
    ----------
    of : HasRows
    """
    runs = of.rows("runs", ["run", "current", "input", "input_sha256"]).to_pylist()
    if not runs:
        return set()
    texts = of.rows("texts", ["item", "text"])
    hashes = {
        (row["patient"], f"reports/{row['item']}"): text_sha256(row["text"] or "")
        for row in texts.to_pylist()
    }
    found = set()
    for row in runs:
        said, read = row["input_sha256"], row["input"] or ""
        stale = said and read.startswith("reports/") and hashes.get((row["patient"], read)) != said
        if row["current"] and not stale:
            found.add(row["run"])
    return found
