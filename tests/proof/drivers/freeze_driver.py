"""Freeze all patients in a process of its own, which dies at a step, or races with another.

    python freeze_driver.py '{"store": "...", "name": "trial", "die_before": ["append", 3]}'

Lines: ``{"at": "ready"}``; where the order says ``wait``, a line on stdin lets it go on;
``{"at": "end"}`` or ``{"at": "lost", "error": "..."}``. Calls of a step are counted from 0.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import icechunk

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


def say(**words: Any) -> None:
    os.write(1, (json.dumps(words) + "\n").encode())


def deadly(step: Callable[..., Any], call: int, *, after: bool) -> Callable[..., Any]:
    calls = iter(range(10**9))

    def run(*args: Any, **kwargs: Any) -> Any:
        now = next(calls) == call
        if now and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = step(*args, **kwargs)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return run


def main(order: dict[str, Any]) -> None:
    for name in ("die_before", "die_after"):
        if name in order:
            owner, method = STEPS[order[name][0]]
            step = getattr(owner, method)
            setattr(owner, method, deadly(step, order[name][1], after=name == "die_after"))
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
