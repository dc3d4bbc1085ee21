"""Freeze all patients in a process of its own, which dies at a step, or races with another.

    python freeze_driver.py '{"store": "...", "name": "trial", "die_before": ["append", 3]}'

Lines: ``{"at": "ready"}``; where the order says ``wait``, a line on stdin lets it go on;
``{"at": "end"}`` or ``{"at": "lost", "error": "..."}``. Calls of a step are counted from 0.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import icechunk
from dying import arm, say

import explorer.freeze.freeze
import explorer.freeze.frozen_rows
from explorer.arrays import PatientArrays
from explorer.errors import ConflictError
from explorer.records import Records
from explorer.store import Store

STEPS: dict[str, tuple[Any, str]] = {
    "arrays": (icechunk.Session, "commit"),
    "move": (Records, "move"),
    "hold": (PatientArrays, "hold"),
    "write": (explorer.freeze.freeze, "write_cohort"),
    "heads": (explorer.freeze.frozen_rows, "heads_of"),
    "name": (Records, "insert_new"),
    "dropped": (explorer.freeze.frozen_rows, "_forget"),
}


def main(order: dict[str, Any]) -> None:
    arm(order, STEPS)
    store = Store(order["store"])
    cohort = store.cohort()
    assert len(cohort)
    say(at="ready")
    if order.get("wait"):
        sys.stdin.readline()
    try:
        if order.get("drop"):
            store.cohort(order["name"]).drop(order["name"])
        else:
            cohort.freeze(order["name"])
    except ConflictError as error:
        say(at="lost", error=error.found)
    else:
        say(at="end")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
