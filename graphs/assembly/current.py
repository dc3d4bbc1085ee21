"""Which runs still hold: the newest of their kind, of a report that reads as it did."""

from __future__ import annotations

import json
from typing import Any

from explorer.derived import text_sha256
from graphs.assembly.tables import Tables

_RUN = (
    "patient", "run", "current", "kind", "producer", "version", "checkpoint", "input",
    "input_sha256", "time", "state", "synthetic", "detail",
)  # fmt: skip


def current_runs(tables: Tables) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Find the runs that hold, and those that no longer do.

    Returns
    -------
    dict
        Run id to what is known of it; ``predicted`` is True where a model predicted.
    set of str
        Ids of the others: their rows are left out.
    """
    rows = list(tables.read("runs", _RUN))
    read = {(row[0], row[7]) for row in rows if row[8] and (row[7] or "").startswith("reports/")}
    texts: dict[tuple[str, str], str] = {}
    if read:
        for key, item, text in tables.read("texts", ("patient", "item", "text")):
            if (place := (key, f"reports/{item}")) in read:
                texts[place] = text_sha256(text or "")
    held: dict[str, dict[str, Any]] = {}
    gone: set[str] = set()
    for row in rows:
        about = dict(zip(_RUN, row, strict=True))
        place = (about["patient"], about["input"] or "")
        said = about.pop("input_sha256")
        if _predicted(about.pop("detail")):
            about["predicted"] = True
        stale = place in read and bool(said) and texts.get(place) != said
        if about["kind"] == "prediction":  # its rows are no features
            about["predicted"] = True
        if about.pop("current") and not stale:
            held[about.pop("run")] = about
        else:
            gone.add(about["run"])
    return held, gone


def _predicted(detail: str | None) -> bool:
    """Whether the run says that a model predicted what it made."""
    if not detail or "predicted" not in detail:
        return False
    told = json.loads(detail)
    return isinstance(told, dict) and bool(told.get("predicted"))
