"""Killed just before and just after each step of a commit, and in a worker's parent."""

from __future__ import annotations

import json
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

# calls counted from 0: of 'append', 10 to 16 are the second patient's tables and its commit
STEPS = [
    ("die_before", "create", 0),
    ("die_after", "create", 0),
    ("die_after", "reserve", 1),
    ("die_before", "arrays", 1),
    ("die_after", "arrays", 1),
    *(("die_before", "append", call) for call in (10, 12, 14, 16)),
    ("die_before", "move", 1),
    ("die_after", "move", 1),
]


def acknowledged(said: str) -> set[str]:
    lines = [json.loads(line) for line in said.splitlines()]
    return {line["acknowledged"] for line in lines if "acknowledged" in line}


@pytest.mark.parametrize(("when", "step", "call"), STEPS)
def test_killed_at_each_step_of_a_commit(
    when: str, step: str, call: int, few: Any, tmp_path: Path
) -> None:
    store = tmp_path / "killed"
    process = few.start(store, **{when: [step, call]})
    out, err = process.communicate(timeout=800)
    assert process.returncode == -signal.SIGKILL, err[-3000:]
    few.check(store, acknowledged(out))
    few.finish(store)
    swept = few.check_end(store)
    if (when, step) == ("die_before", "move"):
        assert swept > 0


def test_workers_end_with_a_killed_parent(few: Any, tmp_path: Path) -> None:
    run, store = replace(few, workers=2), tmp_path / "killed"
    process = run.start(store)
    watched = psutil.Process(process.pid)
    workers: list[psutil.Process] = []
    while not workers:
        assert process.poll() is None
        for child in watched.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # a zombie too
                workers += [child] if "spawn_main" in " ".join(child.cmdline()) else []
    process.kill()
    # a worker that lived on would hold the pipes open
    out, _ = process.communicate(timeout=800)
    run.check(store, acknowledged(out))
    run.finish(store)
    run.check_end(store)
