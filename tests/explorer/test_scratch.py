"""Working folders: gone with their run, swept after a killed one, never both at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import explorer
from explorer.layout import SCRATCH
from explorer.lock import lock
from explorer.scratch import scratch, sweep_scratch


def test_of_the_living_nothing_is_swept_and_of_the_dead_all(store: explorer.Store) -> None:
    dead = store.path / SCRATCH / "ingest-dead"
    dead.mkdir(parents=True)
    (dead / "member.dcm").write_bytes(b"x")
    with scratch(store, "ingest") as folder:
        (folder / "member.dcm").write_bytes(b"x")
        swept, alive = sweep_scratch(store)
        assert swept == 1
        assert [Path(place.path) for place in alive] == [folder]
        assert not dead.exists()
        assert (folder / "member.dcm").exists()
    assert not folder.exists()
    assert sweep_scratch(store) == (0, [])


def test_a_run_that_ends_waits_for_a_sweep(store: explorer.Store) -> None:
    inside, leave = threading.Event(), threading.Event()
    folders: list[Path] = []

    def work() -> None:
        with scratch(store, "ingest") as folder:
            folders.append(folder)
            inside.set()
            leave.wait()

    worker = threading.Thread(target=work)
    worker.start()
    inside.wait()
    with lock(store.place, "scratch"):  # as a sweep holds it
        leave.set()
        worker.join(0.3)
        assert worker.is_alive()
        assert folders[0].exists()
    worker.join()
    assert not folders[0].exists()
