"""Erase, relink and materialize, killed at any moment: nothing half-done, and it goes on."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lance
import pytest

from explorer.compact import compact
from explorer.erase import erase
from explorer.erasing import erasures
from explorer.ingest import ingest
from explorer.layout import RECORDS
from explorer.materialize import materialize
from explorer.relink import relink
from explorer.store import Store
from explorer.verify import verify

KILLS = int(os.environ.get("ONCOGRAPH_LIFE_KILLS", "8"))  # of each of the three
SEED = int(os.environ.get("ONCOGRAPH_SEED", "20261125"))
GONE = "SMALL-01"

Process = subprocess.Popen[str]


class Scene:
    """A store of two small real patients by reference, and the three commands on copies of it."""

    def __init__(
        self, sources: Path, work: Path, start: Callable[..., Process], states: Any
    ) -> None:
        self.work, self.start_driver, self.states = work, start, states
        self.old, self.new = work / "old", work / "new"
        self.old.mkdir()
        for place in sorted(sources.iterdir())[:2]:
            shutil.copytree(place, self.old / place.name)
        self.base, self.store = work / "base", work / "killed"
        ingest(self.old, self.base)
        shutil.copytree(self.old, self.new)

    def begin(self) -> Store:
        shutil.rmtree(self.store, ignore_errors=True)
        shutil.copytree(self.base, self.store)
        store = Store(self.store)
        store.trust.add([str(self.old)])
        self.before = self.states(self.store)
        self.key = store[GONE].key
        return store

    def start(self, do: str, **more: Any) -> Process:
        return self.start_driver(
            "life_driver.py",
            do=do,
            store=self.store,
            patient=GONE,
            old=self.old,
            new=self.new,
            **more,
        )

    def check(self, do: str) -> None:
        """After a kill: nothing half-done is visible."""
        store = Store(self.store)
        assert verify(store).ok
        visible = self.states(self.store)
        if do == "erase":
            assert visible in (self.before, {k: v for k, v in self.before.items() if k != GONE})
            return
        assert visible.keys() == self.before.keys()
        for label, state in visible.items():
            assert state["voxels"] == self.before[label]["voxels"]
            assert state["masks"] == self.before[label]["masks"]
            patient = store[label]
            storage = {row["storage"] for row in patient.rows("items") if row["kind"] == "image"}
            folders = {str(Path(uri).parents[1]) for uri in patient.files["uri"]}
            assert len(storage) == len(folders) == 1, "half a patient was changed"

    def left(self, do: str) -> bool:
        """Whether the next run would find anything of its own: a kill may come after the last."""
        store = Store(self.store)
        if do == "relink":
            return any(str(self.old) in uri for uri in store.files()["uri"])
        return GONE in store

    def check_end(self, do: str) -> None:
        """After the last run: all of it is done, and nothing is left over."""
        store = Store(self.store)
        if do == "erase":
            assert GONE not in store
            assert erasures(store) == {}
            assert traces(self.store, self.key, GONE) == []
        elif do == "relink":
            assert {str(Path(uri).parents[1]) for uri in store.files()["uri"]} == {str(self.new)}
        else:
            assert set(store.sql("select storage from items where kind = 'image'")["storage"]) == {
                "copied"
            }
        compact(store, grace_s=0)
        self.check(do)
        assert not any((self.store / "scratch").iterdir())


def traces(store: Path, *words: str) -> list[str]:
    """Where a word still stands: in names, in bytes, in rows of any version."""
    found = []
    for path in sorted(store.rglob("*")):
        data = str(path.relative_to(store)).encode() + (
            path.read_bytes() if path.is_file() else b""
        )
        found += [str(path) for word in words if word.encode() in data]
    for table in RECORDS:
        data = lance.dataset(str(store / "tables" / f"{table}.lance"))
        for version in data.versions():
            rows = str(data.checkout_version(version["version"]).to_table().to_pylist())
            found += [f"{table} {version['version']}" for word in words if word in rows]
    return found


@pytest.fixture(scope="module")
def scene(
    small_patients: Path, tmp_path_factory: pytest.TempPathFactory,
    start: Callable[..., Process], states: Any,
) -> Scene:  # fmt: skip
    return Scene(small_patients, tmp_path_factory.mktemp("life"), start, states)


def kill(process: Process, after_s: float) -> bool:
    """Kill a driver so long after it is ready; whether it was still at work."""
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after_s)
    os.killpg(process.pid, signal.SIGKILL)
    # what came with the first line is in this file's buffer, where `communicate` does not look
    out = process.stdout.read()
    _, err = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err[-3000:]
    return '"end"' not in out


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("do", ["erase", "relink", "materialize"])
def test_kills(do: str, scene: Scene) -> None:
    rng = random.Random(f"{SEED} {do}")
    scene.begin()
    process = scene.start(do)
    assert process.stdout is not None
    process.stdout.readline()
    began = time.perf_counter()
    process.communicate(timeout=800)
    seconds = time.perf_counter() - began
    scene.check_end(do)
    done = 0
    while done < KILLS:
        scene.begin()
        while True:
            at_work = kill(scene.start(do), rng.uniform(0, seconds))
            scene.check(do)
            done += at_work
            # what was measured while others were at work is too long when they are not
            seconds *= 1.0 if at_work else 0.7
            if not at_work or done == KILLS or not scene.left(do):
                break
        go_on(do, scene)
        scene.check_end(do)


def go_on(do: str, scene: Scene) -> None:
    """Run it again, to its end; of one who is gone already, what is left is done by compact."""
    store = Store(scene.store)
    if do == "materialize":
        assert materialize(store).left == []
    elif do == "erase" and GONE in store:
        erase(store, GONE)
    elif do == "erase":
        compact(store, grace_s=0)
    elif scene.left(do):
        assert relink(store, scene.old, scene.new).left == []


STEPS = [
    ("erase", "die_before", "begin", 0), ("erase", "die_after", "begin", 0),
    ("erase", "die_after", "names", 0), ("erase", "die_before", "head", 0),
    ("erase", "die_after", "head", 0), ("erase", "die_before", "delete", 2),
    ("erase", "die_after", "rows", 0), ("erase", "die_after", "tree", 0),
    ("erase", "die_before", "purge", 5), ("erase", "die_before", "lock", 0),
    ("erase", "die_before", "end", 0), ("erase", "die_after", "end", 0),
    ("relink", "die_after", "root", 0), ("relink", "die_before", "arrays", 0),
    ("relink", "die_after", "arrays", 1), ("relink", "die_before", "append", 3),
    ("relink", "die_before", "move", 1), ("relink", "die_after", "move", 1),
    ("materialize", "die_before", "arrays", 0), ("materialize", "die_after", "arrays", 1),
    ("materialize", "die_before", "append", 2), ("materialize", "die_before", "move", 1),
    ("materialize", "die_after", "move", 1),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize(("do", "when", "step", "call"), STEPS)
def test_killed_at_each_step(do: str, when: str, step: str, call: int, scene: Scene) -> None:
    scene.begin()
    process = scene.start(do, **{when: [step, call]})
    _, err = process.communicate(timeout=800)
    assert process.returncode == -signal.SIGKILL, err[-3000:]
    scene.check(do)
    go_on(do, scene)
    scene.check_end(do)
