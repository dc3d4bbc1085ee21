"""Join two patients of a store, or take the join back, in a process that is killed at a step.

    python join_driver.py '{"store": "...", "do": "join", "patient": "B", "into": "A"}'

``"die_before": ["move", 0]`` ends the process by SIGKILL just before that call of a step,
``"die_after"`` just after it; calls are counted from 0. Lines: ``{"at": "ready"}``,
``{"at": "end"}``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import icechunk

import explorer.commit as commit_module
from explorer import join_log
from explorer.join import join
from explorer.records import Records
from explorer.store import open_store
from explorer.unjoin import unjoin

STEPS: dict[str, tuple[Any, str]] = {
    "begin": (join_log, "begin"),
    "append": (Records, "append"),
    "arrays": (icechunk.Session, "commit"),
    "move": (commit_module, "move_together"),
    "end": (join_log, "end"),
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
    say(at="ready")
    store = open_store(order["store"])
    if order["do"] == "join":
        join(store, order["patient"], order["into"], "told by a person")
    else:
        unjoin(store, order["patient"], "not one after all")
    say(at="end")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
