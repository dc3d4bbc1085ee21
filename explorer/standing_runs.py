"""Runs of programs that still stand, over all patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.derived import text_sha256
from explorer.layout import UNASSIGNED

if TYPE_CHECKING:
    from explorer.store import Store


def standing_runs(store: Store) -> set[str]:
    """Ids of runs that are the newest of their kind and whose report still reads the same.

    What `explorer.derived.current_runs` tells of one patient, of all of them in one pass.

    Parameters
    ----------
    store : Store
    """
    runs = store.records.visible(
        "runs", ["patient", "run", "current", "input", "input_sha256"], without=UNASSIGNED
    ).to_pylist()
    if not runs:
        return set()
    texts = store.records.visible("texts", ["patient", "item", "text"], without=UNASSIGNED)
    hashes = {
        (row["patient"], f"reports/{row['item']}"): text_sha256(row["text"] or "")
        for row in texts.to_pylist()
    }
    found = set()
    for row in runs:
        said, of = row["input_sha256"], row["input"] or ""
        stale = said and of.startswith("reports/") and hashes.get((row["patient"], of)) != said
        if row["current"] and not stale:
            found.add(row["run"])
    return found
