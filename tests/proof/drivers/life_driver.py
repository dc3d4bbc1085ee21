"""Erase, relink or materialize in a process of its own, which dies at a step or when it is killed.

    python life_driver.py '{"do": "erase", "store": "...", "patient": "...", "old": "...",
                            "new": "...", "die_before": ["purge", 3]}'

Lines: ``{"at": "ready"}``, ``{"at": "end"}``. Calls of a step are counted from 0.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import icechunk

import explorer.erase
import explorer.erase_rows
from explorer.local_place import LocalPlace
from explorer.materialize import materialize
from explorer.records import Records
from explorer.relink import relink
from explorer.store import Store

STEPS: dict[str, tuple[Any, str]] = {
    "begin": (explorer.erase, "begin_erasure"),
    "names": (explorer.erase, "erase_names"),
    "rows": (explorer.erase, "erase_rows"),
    "delete": (explorer.erase_rows, "delete_rows"),
    "head": (explorer.erase, "delete_rows"),
    "purge": (explorer.erase, "purge"),
    "tree": (LocalPlace, "delete_tree"),
    "lock": (LocalPlace, "delete"),
    "end": (explorer.erase, "end_erasure"),
    "arrays": (icechunk.Session, "commit"),
    "append": (Records, "append"),
    "move": (Records, "move"),
    "root": (Store, "add_root"),
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
    say(at="ready")
    if order["do"] == "erase":
        explorer.erase.erase(store, order["patient"])
    elif order["do"] == "relink":
        relink(store, order["old"], order["new"])
    else:
        materialize(store)
    say(at="end")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
