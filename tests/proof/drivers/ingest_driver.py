"""Run one ingest in a process of its own and report each step on stdout, as a line of JSON.

    python ingest_driver.py '{"sources": [...], "store": "...", "copy": false, "workers": 1}'

Lines: ``{"at": "ready"}`` (imports done), ``{"at": "store"}`` (the store is made or opened),
``{"acknowledged": label, "version": n}`` after a patient's commit, ``{"at": "end"}``.
``"die_before": ["move", 1]`` ends the process by SIGKILL just before that call of a step of the
commit, ``"die_after"`` just after it; calls are counted from 0. ``"wait"`` waits for a line on
stdin when it is ready. ``"lease_s"`` is how long a lock on S3 outlives a killed holder.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import icechunk
from dying import arm, say

import explorer.ingest as ingest_module
from explorer import lock
from explorer.identity import Identity
from explorer.ingest_run import IngestRun
from explorer.records import Records
from explorer.store import open_store

STEPS: dict[str, tuple[Any, str]] = {
    "create": (Records, "create"),
    "reserve": (Identity, "reserve"),
    "append": (Records, "append"),
    "arrays": (icechunk.Session, "commit"),
    "move": (Records, "move"),
}


def main(order: dict[str, Any]) -> None:
    arm(order, STEPS)
    if "lease_s" in order:
        lock.LEASE_S = order["lease_s"]
    take = IngestRun._take

    def acknowledge(run: Any, outcome: Any) -> None:
        take(run, outcome)
        if outcome.key:
            say(acknowledged=outcome.label, version=outcome.version)

    IngestRun._take = acknowledge  # type: ignore[method-assign,assignment]
    say(at="ready")
    if order.get("wait"):
        sys.stdin.readline()
    store = open_store(order["store"], create=True)
    say(at="store")
    result = ingest_module.ingest(
        order["sources"],
        store,
        copy=order.get("copy", False),
        workers=order.get("workers", 1),
        issuer=order.get("issuer"),
    )
    say(at="end", changed=result.changed, counts=result.counts)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
