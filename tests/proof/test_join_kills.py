"""Killed just before and just after each step of a join and of its end: the join, or no join."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from explorer.compact import compact
from explorer.ingest import ingest
from explorer.join import join
from explorer.join_log import current
from explorer.store import Store, open_store
from explorer.unjoin import unjoin
from explorer.verify import verify

# calls counted from 0: 'append' 0 is the log of a join, the last one the commits
STEPS = [
    ("join", "die_before", "begin", 0),
    ("join", "die_after", "begin", 0),
    *(("join", "die_before", "append", call) for call in (1, 3, 5)),
    ("join", "die_before", "arrays", 0),
    ("join", "die_after", "arrays", 0),
    ("join", "die_before", "move", 0),
    ("join", "die_after", "move", 0),
    ("join", "die_after", "end", 0),
    *(("undo", "die_before", "append", call) for call in (0, 2, 5)),
    ("undo", "die_before", "arrays", 0),
    ("undo", "die_after", "arrays", 0),
    ("undo", "die_after", "arrays", 1),
    ("undo", "die_before", "move", 0),
    ("undo", "die_after", "move", 0),
    ("undo", "die_after", "end", 0),
]
A, B = "SMALL-00", "SMALL-01"


@dataclass
class Bases:
    """A store of two patients, the same one joined, and what is seen in each."""

    apart: Path
    joined: Path
    sources: Path
    states: dict[str, Any] = field(default_factory=dict)

    def copy(self, name: str, place: Path) -> None:
        shutil.copytree(getattr(self, name), place)
        Store(place).trust.add([str(self.sources)])  # a copy is a stranger until then


@pytest.fixture(scope="module")
def bases(
    cohort: Callable[..., Path],
    states: Callable[[Path], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Bases:
    """Two small patients; after the join a file of the second comes in, so that undo has work."""
    folder = tmp_path_factory.mktemp("joins")
    sources = cohort("join", [], 2)
    made = Bases(folder / "apart", folder / "joined", sources)
    late = sorted((sources / "small-01").iterdir())[-1]
    aside = folder / late.name
    late.rename(aside)
    store = open_store(made.apart, create=True)
    ingest(sources, store)
    made.states["apart"] = states(made.apart)
    made.copy("apart", made.joined)
    store = open_store(made.joined)
    join(store, B, A, "told by a person")
    made.states["just joined"] = states(made.joined)
    aside.rename(late)
    ingest(sources, store)
    made.states["joined"] = states(made.joined)
    assert list(made.states["joined"]) == [A]
    again = folder / "again"
    made.copy("joined", again)
    unjoin(open_store(again), B, "not one after all")
    made.states["parted"] = states(again)
    assert list(made.states["parted"]) == [A, B]
    assert made.states["parted"] != made.states["apart"]
    return made


@pytest.mark.parametrize(("do", "when", "step", "call"), STEPS)
def test_killed_at_each_step(
    do: str,
    when: str,
    step: str,
    call: int,
    bases: Bases,
    states: Callable[[Path], Any],
    start: Callable[..., Any],
    tmp_path: Path,
) -> None:
    store = tmp_path / "killed"
    bases.copy("apart" if do == "join" else "joined", store)
    before, after = ("apart", "just joined") if do == "join" else ("joined", "parted")
    process = start("join_driver.py", store=store, do=do, patient=B, into=A, **{when: [step, call]})
    _, err = process.communicate(timeout=800)
    assert process.returncode == -signal.SIGKILL, err[-3000:]

    moved = (when, step) in (("die_after", "move"), ("die_after", "end"))
    assert states(store) == bases.states[after if moved else before]
    assert verify(Store(store)).ok

    # going on puts the log right; what was not done is done, what was done is done once
    opened = open_store(store)
    if not moved and do == "join":
        join(opened, B, A, "told by a person")
    elif not moved:
        unjoin(opened, B, "not one after all")
    assert states(store) == bases.states[after]
    compact(opened, grace_s=0)
    opened = open_store(store)
    assert states(store) == bases.states[after]
    assert verify(opened).ok
    if do == "join":
        assert [row["reason"] for row in current(opened)] == ["told by a person"]
        unjoin(opened, B, "and back")
        assert states(store) == bases.states["apart"]
    else:
        join(opened, B, A, "once more")
        assert states(store)[A]["items"] == bases.states["joined"][A]["items"]
    rows = opened.records.read("joins").to_pylist()
    assert all(row["time"] for row in rows)
    assert len([row for row in rows if row["undone"] is None]) == (do != "join")
