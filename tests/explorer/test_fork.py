from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import os, sys
import numpy as np
import explorer
from explorer.draft import ImageDraft

store = explorer.open(sys.argv[1], create=True)
with store.transaction("synthetic data") as t:
    draft = ImageDraft(
        "ct-1", "CT", "made up", ("z", "y", "x"), (2, 3, 4), np.dtype("i2"), np.eye(4),
        load=lambda: np.zeros((2, 3, 4), "i2"), sources=[], synthetic=True,
    )
    t.put(t.patient("Anna"), draft, copy=True)
patient = store["Anna"]
data = patient.images["CT"].data
stored = patient.images["CT"].stored
data.values
uses = {
    "a patient": lambda: store["Anna"],
    "a new handle": lambda: explorer.open(sys.argv[1])["Anna"],
    "an array from before": lambda: data.values,
    "an item from before": lambda: patient.images["CT"].stored,
    "sql": lambda: store.sql("select * from items"),
    "a write": lambda: store.transaction("no").patient("Berta"),
}
for name, use in uses.items():
    child = os.fork()
    if child == 0:
        try:
            use()
            print(name, "| worked", flush=True)
        except explorer.OncographError as error:
            print(name, "|", error, flush=True)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_is_told_what_to_do_and_does_not_hang(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(tmp_path / "s.onco")],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 6
    for line in lines:
        assert "forked" in line, line
        assert "spawn" in line, line
