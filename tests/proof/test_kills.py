"""Killed at any moment: every visible patient is whole, and none that was acknowledged is lost."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import zarr

from explorer.compact import compact
from explorer.layout import MARKER, PATIENTS, SCRATCH
from explorer.store import Store
from explorer.verify import verify

KILLS = int(os.environ.get("ONCOGRAPH_KILLS", "60"))
SEED = int(os.environ.get("ONCOGRAPH_SEED", "20261124"))

State = dict[str, Any]
States = dict[str, State]
Start = Callable[..., subprocess.Popen[str]]
Finish = Callable[[subprocess.Popen[str]], list[dict[str, Any]]]
Read = Callable[[Path], States]


def faults(visible: States, before: States, after: States, acknowledged: set[str]) -> list[str]:
    """What is wrong with the visible patients: the one check, for the store and the control.

    `before` and `after` are what undisturbed runs gave: an acknowledged patient must be as
    after, any other as before, or as after, and nothing in between.
    """
    found = [f"{label}: acknowledged, and gone" for label in acknowledged - set(visible)]
    found += [f"{label}: was there before, and is gone" for label in set(before) - set(visible)]
    for label, state in visible.items():
        allowed = [after[label]]
        if label in before and label not in acknowledged:
            allowed.append(before[label])
        if state not in allowed:
            parts = [name for name in state if state[name] != after[label].get(name)]
            found.append(f"{label}: neither as before nor as after; differs in {parts}")
    return found


@dataclass
class Leg:
    """One kind of run, killed again and again until it has ended; then from the start again."""

    sources: Path
    copy: bool
    base: Path | None  # the store that the run starts from
    workers: int = 1
    before: States = field(default_factory=dict)
    after: States = field(default_factory=dict)
    stale: list[dict[str, Any]] = field(default_factory=list)  # verify on `base`, sources changed
    seconds: float = 0.0
    opening_s: float = 0.0

    def order(self, store: Path) -> dict[str, Any]:
        return {
            "sources": [self.sources], "store": store, "copy": self.copy, "workers": self.workers,
            "issuer": "proof",
        }  # fmt: skip

    def begin(self, store: Path) -> None:
        shutil.rmtree(store, ignore_errors=True)
        if self.base is not None:
            shutil.copytree(self.base, store)


def undisturbed(leg: Leg, store: Path, start: Start, finish: Finish, states: Read) -> None:
    """Run a leg to its end, and learn from it what is right and how long it takes."""
    leg.begin(store)
    leg.before = states(store)
    leg.stale = verify(Store(store)).faults if leg.before else []
    process = start("ingest_driver.py", **leg.order(store))
    times: dict[str, float] = {}
    assert process.stdout is not None
    for line in process.stdout:
        times.setdefault(json.loads(line).get("at", "acknowledged"), time.perf_counter())
    finish(process)
    leg.opening_s = times["store"] - times["ready"]
    leg.seconds = times["end"] - times["ready"]
    leg.after = states(store)
    assert leg.after
    assert verify(Store(store)).ok


def kill(process: subprocess.Popen[str], after_s: float) -> tuple[bool, set[str]]:
    """Kill a driver so long after it is ready; whether it was still at work, and who it named."""
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after_s)
    os.killpg(process.pid, signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    lines = [json.loads(line) for line in out.splitlines()]
    assert process.returncode in (0, -signal.SIGKILL), err[-3000:]
    names = {line["acknowledged"] for line in lines if "acknowledged" in line}
    return not any(line.get("at") == "end" for line in lines), names


def moments(rng: random.Random, leg: Leg) -> Iterator[float]:
    """Over the whole run; the first of each start falls into the making of the store."""
    yield rng.uniform(0, leg.opening_s * 1.5)
    while True:
        yield rng.uniform(0, leg.seconds)


def check(store: Path, leg: Leg, acknowledged: set[str], states: Read) -> None:
    visible = states(store)
    assert not faults(visible, leg.before, leg.after, acknowledged)
    if (store / MARKER).exists():
        old = {label for label, state in visible.items() if state != leg.after[label]}
        expected = [fault for fault in leg.stale if fault["patient"] in old]
        assert [f for f in verify(Store(store)).faults if f not in expected] == []


def check_end(store: Path, leg: Leg, states: Read) -> int:
    """The run has ended: all is there, and what is swept was nobody's. Gives the rows swept."""
    assert states(store) == leg.after
    opened = Store(store)
    histories = {key: opened[key].history() for key in opened.keys_and_labels()}
    swept = compact(opened, grace_s=0)
    opened = Store(store)
    keys = opened.keys_and_labels()
    for key in keys:
        history = opened[key].history()
        assert history.equals(histories[key])
        assert list(history["version"]) == list(range(opened[key].version, 0, -1))
        assert opened[key].at(1).version == 1
    assert {folder.name for folder in (store / PATIENTS).iterdir()} == set(keys)
    assert not any((store / SCRATCH).iterdir())
    again = compact(opened, grace_s=0)
    assert (again.rows_swept, again.repositories_swept, again.scratch_swept) == (0, 0, 0)
    assert states(store) == leg.after
    assert verify(Store(store)).ok
    return swept.rows_swept


def killed(
    leg: Leg, count: int, rng: random.Random, place: Path, start: Start, finish: Finish,
    states: Read,
) -> None:  # fmt: skip
    """Kill a leg so many times, each time checking; every chain of kills is run to its end."""
    store = place / "killed"
    done = 0
    while done < count:
        leg.begin(store)
        acknowledged: set[str] = set()
        for moment in moments(rng, leg):
            at_work, named = kill(start("ingest_driver.py", **leg.order(store)), moment)
            acknowledged |= named
            check(store, leg, acknowledged, states)
            done += at_work
            if not at_work or done == count:
                break
        finish(start("ingest_driver.py", **leg.order(store)))
        check_end(store, leg, states)


def change(folder: Path, held: dict[Path, Path]) -> None:
    """Change sources: other pixels in one file of several patients, and new files for one."""
    for number in range(0, 8, 2):
        file = sorted((folder / f"small-{number:02}").glob("ADC-*.dcm"))[number]
        dataset = pydicom.dcmread(file)
        dataset.PixelData = bytes(reversed(dataset.PixelData))
        dataset.save_as(file)
    for place, kept in held.items():
        shutil.move(kept, place)


def hold_back(folder: Path, aside: Path) -> dict[Path, Path]:
    """Take the masks of two patients out, for `change` to bring them."""
    places = [folder / "small-01" / "seg-1-1.dcm", folder / "small-04" / "seg-1-1.dcm"]
    held = {place: aside / f"{place.parent.name}.dcm" for place in places}
    for place, kept in held.items():
        shutil.move(place, kept)
    return held


@pytest.mark.slow
@pytest.mark.parametrize("copy", [False, True], ids=["by reference", "copied"])
def test_kills(
    copy: bool, cohort: Callable[..., Path], tmp_path: Path, start: Start, finish: Finish,
    states: Read,
) -> None:  # fmt: skip
    rng = random.Random(f"{SEED} {copy}")
    sources = cohort("kills", ["STS_002", "PCAMPMRI-00001"], 8)
    held = hold_back(sources, tmp_path)
    first = Leg(sources, copy, None)
    undisturbed(first, tmp_path / "first", start, finish, states)
    assert len(first.after) == 10
    killed(first, max(1, KILLS // 4), rng, tmp_path, start, finish, states)

    change(sources, held)
    again = Leg(sources, copy, tmp_path / "first")
    undisturbed(again, tmp_path / "again", start, finish, states)
    assert sum(again.before[label] != again.after[label] for label in again.after) == 5
    killed(again, max(1, KILLS // 5), rng, tmp_path, start, finish, states)


@pytest.mark.slow
def test_kills_of_workers(
    cohort: Callable[..., Path], tmp_path: Path, start: Start, finish: Finish, states: Read
) -> None:
    rng = random.Random(f"{SEED} workers")
    leg = Leg(cohort("workers", ["STS_002"], 8), False, None, workers=2)
    undisturbed(leg, tmp_path / "undisturbed", start, finish, states)
    killed(leg, max(1, KILLS // 10), rng, tmp_path, start, finish, states)


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


@pytest.mark.parametrize(("when", "step", "call"), STEPS)
def test_killed_at_each_step_of_a_commit(
    when: str, step: str, call: int, few: tuple[Leg, Path], tmp_path: Path, start: Start,
    finish: Finish, states: Read,
) -> None:  # fmt: skip
    leg, _ = few
    store = tmp_path / "killed"
    process = start("ingest_driver.py", **leg.order(store), **{when: [step, call]})
    out, err = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, err[-3000:]
    lines = [json.loads(line) for line in out.splitlines()]
    check(store, leg, {line["acknowledged"] for line in lines if "acknowledged" in line}, states)
    finish(start("ingest_driver.py", **leg.order(store)))
    swept = check_end(store, leg, states)
    if (when, step) == ("die_before", "move"):
        assert swept > 0


@pytest.fixture(scope="module")
def few(
    cohort: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory, start: Start,
    finish: Finish, states: Read,
) -> tuple[Leg, Path]:  # fmt: skip
    leg = Leg(cohort("few", ["STS_002"], 2), False, None)
    place = tmp_path_factory.mktemp("few") / "undisturbed"
    undisturbed(leg, place, start, finish, states)
    return leg, place


def plain_states(folder: Path) -> States:
    """The same look at a plain Zarr folder: a group is a visible patient."""
    found: States = {}
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not (place / "zarr.json").exists():
            continue
        group = zarr.open_group(place, mode="r")
        state: State = {"files": group.attrs.get("files")}
        for name, member in group.members(max_depth=None):
            if isinstance(member, zarr.Array):
                state[name] = hashlib.sha256(np.asarray(member[...]).tobytes()).hexdigest()
        found[place.name] = state
    return found


@pytest.mark.slow
def test_the_check_catches_a_plain_zarr_folder(
    cohort: Callable[..., Path], tmp_path: Path, start: Start, finish: Finish
) -> None:
    rng = random.Random(f"{SEED} plain")
    leg = Leg(cohort("plain", ["STS_002"], 8), True, None)
    began = time.perf_counter()
    finish(start("plain_driver.py", sources=[leg.sources], store=tmp_path / "undisturbed"))
    leg.seconds = time.perf_counter() - began
    leg.after = plain_states(tmp_path / "undisturbed")
    assert not faults(leg.after, {}, leg.after, set(leg.after))
    caught = 0
    for number in range(10):
        store = tmp_path / f"plain-{number}"
        process = start("plain_driver.py", sources=[leg.sources], store=store)
        at_work, acknowledged = kill(process, rng.uniform(0.2, 0.9) * leg.seconds)
        found = faults(plain_states(store), {}, leg.after, acknowledged)
        caught += bool(found)
        assert at_work or not found
        if caught == 2:
            break
    assert caught
