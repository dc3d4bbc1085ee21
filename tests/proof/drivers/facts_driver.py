"""Add facts to one patient, a commit each, trying again after a conflict.

    python facts_driver.py '{"store": "...", "patient": "...", "names": ["a", "b"]}'

Says ``{"at": "ready"}``, waits for a line on stdin, then says ``{"acknowledged": name,
"version": n, "conflicts": c}`` after each commit.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from dying import say

import explorer
from explorer.errors import ConflictError


def main(order: dict[str, Any]) -> None:
    store = explorer.open(order["store"])
    key = store[order["patient"]].key
    say(at="ready")
    sys.stdin.readline()
    for name in order["names"]:
        conflicts = 0
        while True:
            try:
                with store.transaction(f"fact {name}") as t:
                    t.add_facts(key, [{"name": name, "value": name}])
            except ConflictError:
                conflicts += 1
            else:
                break
        say(acknowledged=name, version=t.versions[key], conflicts=conflicts)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
