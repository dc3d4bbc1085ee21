"""Erase, relink or materialize in a process of its own, which dies at a step or when it is killed.

    python life_driver.py '{"do": "erase", "store": "...", "patient": "...", "old": "...",
                            "new": "...", "die_before": ["purge", 3]}'

Lines: ``{"at": "ready"}``, ``{"at": "end"}``. Calls of a step are counted from 0.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import icechunk
from dying import arm, say

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


def main(order: dict[str, Any]) -> None:
    arm(order, STEPS)
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
