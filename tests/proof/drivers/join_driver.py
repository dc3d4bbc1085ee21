"""Join two patients of a store, or take the join back, in a process that is killed at a step.

    python join_driver.py '{"store": "...", "do": "join", "patient": "B", "into": "A"}'

``"die_before": ["move", 0]`` ends the process by SIGKILL just before that call of a step,
``"die_after"`` just after it; calls are counted from 0. Lines: ``{"at": "ready"}``,
``{"at": "end"}``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import icechunk
from dying import arm, say

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


def main(order: dict[str, Any]) -> None:
    arm(order, STEPS)
    say(at="ready")
    store = open_store(order["store"])
    if order["do"] == "join":
        join(store, order["patient"], order["into"], "told by a person")
    else:
        unjoin(store, order["patient"], "not one after all")
    say(at="end")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
