"""Ingest a folder under watch: a step of more than a minute a file ends the process.

    python hostile_driver.py '{"sources": [...], "store": "...", "copy": false}'

Prints one JSON document: the status rows, and the most memory that this process and its children
had resident, in MiB.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

import explorer.ingest as ingest_module
from explorer import ingest_run
from explorer.registry import readers

SECONDS_A_FILE = 60  # what hangs, hangs for longer; a busy machine is slow


def watched(step: Callable[..., Any], files: Callable[..., int]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        faulthandler.dump_traceback_later(SECONDS_A_FILE * files(*args), exit=True)
        try:
            return step(*args, **kwargs)
        finally:
            faulthandler.cancel_dump_traceback_later()

    return run


def mebibytes(who: int) -> float:
    most = resource.getrusage(who).ru_maxrss  # Linux counts KiB, macOS bytes
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def main(order: dict[str, Any]) -> None:
    ingest_run.look = watched(ingest_run.look, lambda *_: 1)
    for reader in readers():
        reader.read = watched(reader.read, lambda headers, _: len(headers))  # type: ignore[method-assign]
    result = ingest_module.ingest(
        order["sources"], order["store"], copy=order.get("copy", False), issuer="proof"
    )
    document = {
        "files": result.files,
        "patients": result.patients,
        "self_mib": mebibytes(resource.RUSAGE_SELF),
        "children_mib": mebibytes(resource.RUSAGE_CHILDREN),
    }
    sys.stdout.buffer.write(json.dumps(document).encode("utf-8", "surrogateescape"))
    sys.stdout.flush()
    os._exit(0)  # what is left of children is not waited for


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
