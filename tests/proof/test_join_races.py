"""Somebody writes to a patient while the patient is joined and parted: no row is lost."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

from explorer.errors import ConflictError
from explorer.join import join
from explorer.store import Store, open_store
from explorer.unjoin import unjoin

ROUNDS = 6


def write(place: Path, name: str, stop: threading.Event, done: list[str]) -> None:
    """Add one fact after the other under an identifier; what was acknowledged is in `done`."""
    store, number = Store(place), 0
    while not stop.is_set():
        fact = f"{name}-{number}"
        try:
            with store.transaction("a fact") as t:
                t.add_facts(t.patient(name), [{"name": fact, "value": "1"}])
        except ConflictError:
            continue  # as it says: try again
        done.append(fact)
        number += 1
        time.sleep(random.uniform(0, 0.3))


def test_rows_of_both_while_they_are_joined_and_parted(tmp_path: Path) -> None:
    place = tmp_path / "s"
    store = open_store(place, create=True)
    with store.transaction("two") as t:
        t.patients(["a", "b"])
    keys = {name: store[name].key for name in "ab"}
    stop = threading.Event()
    said: dict[str, list[str]] = {"a": [], "b": []}
    writers = [
        threading.Thread(target=write, args=(place, name, stop, said[name])) for name in "ab"
    ]
    for writer in writers:
        writer.start()
    try:
        for number in range(ROUNDS):
            before = {name: len(facts) for name, facts in said.items()}
            if number % 2 == 0:
                join(store, keys["b"], keys["a"], "told")
                assert list(store) == ["a"]
            else:
                unjoin(store, keys["b"], "not one")
                assert list(store) == ["a", "b"]
            while any(len(facts) == before[name] for name, facts in said.items()):
                assert all(writer.is_alive() for writer in writers)
                time.sleep(0.01)  # a loop without rest would keep the writers from their work
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    if ROUNDS % 2:
        unjoin(store, keys["b"], "not one")
    for name in "ab":
        found = store[name].facts["name"].tolist()
        assert len(set(found)) == len(found)
        assert set(found) >= set(said[name])
        assert {fact[0] for fact in found} == {name}
        # one more than was acknowledged may be there: its writer was told to try again
        assert len(found) <= len(said[name]) + 1
