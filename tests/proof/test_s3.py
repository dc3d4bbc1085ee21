"""A store on S3, written to by processes that race, die, and are not told about each other."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.compact import compact
from explorer.place import Place
from explorer.store import Store
from explorer.verify import verify

# More of them: ONCOGRAPH_S3_KILLS=100 pytest tests/proof/test_s3.py
KILLS = int(os.environ.get("ONCOGRAPH_S3_KILLS", "2"))
SEED = int(os.environ.get("ONCOGRAPH_SEED", "20261125"))
LEASE_S = 2.0

States = dict[str, dict[str, Any]]
Process = subprocess.Popen[str]
Start = Callable[..., Process]
Finish = Callable[[Process], list[dict[str, Any]]]
Read = Callable[[Any], States]


def together(processes: list[Process]) -> None:
    """Let drivers that wait begin at the same moment."""
    for process in processes:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"at": "ready"}
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def check(url: str) -> Store:
    """No patient, name or item twice, unbroken histories, every chunk readable."""
    store = Store(url)
    heads = store.records.read("patients").to_pylist()
    assert max(Counter(row["patient"] for row in heads).values()) == 1
    aliases = store.records.read("aliases").to_pylist()
    assert max(Counter((row["issuer"], row["identifier"]) for row in aliases).values()) == 1
    for table, name in (("items", "item"), ("files", "uri"), ("attributes", "patient")):
        rows = store.records.visible(table).to_pylist()
        assert max(Counter((row["patient"], row[name]) for row in rows).values(), default=1) == 1, (
            table
        )
    for key in store.keys_and_labels():
        patient = store[key]
        assert list(patient.history()["version"]) == list(range(patient.version, 0, -1))
    found = verify(store)
    assert found.ok, found.faults
    return store


def swept(url: str, expected: States, states: Read) -> None:
    """What is swept was nobody's, and nothing is left to sweep."""
    compact(Store(url), grace_s=0)
    assert states(Place.of(url)) == expected
    again = compact(Store(url), grace_s=0)
    assert (again.rows_swept, again.repositories_swept) == (0, 0)
    keys = set(Store(url).keys_and_labels())
    assert {folder.name for folder in (Place.of(url) / "patients").children()} <= keys
    assert verify(Store(url)).ok


@pytest.fixture(scope="module")
def few(cohort: Callable[..., Path]) -> Path:
    return cohort("few", [], 3)


@pytest.fixture(scope="module")
def alone(few: Path, start: Start, finish: Finish, states: Read, tmp_path_factory: Any) -> States:
    """What one undisturbed run into a local store gives."""
    store = tmp_path_factory.mktemp("alone") / "store"
    finish(start("ingest_driver.py", sources=[few], store=store, copy=True, issuer="proof"))
    return states(store)


@pytest.mark.slow
def test_two_writers_meet_the_same_new_patients_and_different_ones(
    s3: str, few: Path, alone: States, start: Start, finish: Finish, states: Read
) -> None:
    # each walks the same folder, so that every identifier and every patient is met by both
    writers = [
        start("ingest_driver.py", sources=[few], store=s3, issuer="proof", wait=True)
        for _ in range(2)
    ]
    together(writers)
    said = [line for writer in writers for line in finish(writer)]
    acknowledged = {line["acknowledged"] for line in said if "acknowledged" in line}
    store = check(s3)
    assert acknowledged == set(store.keys_and_labels().values()) == set(alone)
    assert states(store.place) == alone
    assert len(store.records.read("aliases")) == 3


@pytest.mark.slow
def test_two_writers_of_facts_of_one_patient(s3: str, start: Start, finish: Finish) -> None:
    store = Store.create(s3)
    with store.transaction("begin") as t:
        t.patient("P")
    names = [[f"fact {w}-{n}" for n in range(10)] for w in range(2)]
    writers = [start("facts_driver.py", store=s3, patient="P", names=theirs) for theirs in names]
    together(writers)
    said = [line for writer in writers for line in finish(writer)]
    assert sorted(line["version"] for line in said) == list(range(2, 22))
    patient = check(s3)["P"]
    assert sorted(patient.facts["name"]) == sorted(name for theirs in names for name in theirs)


STEPS = [
    ("die_after", "create", 0), ("die_after", "reserve", 0), ("die_before", "arrays", 0),
    ("die_after", "arrays", 0), ("die_after", "append", 2), ("die_before", "move", 0),
    ("die_after", "move", 0),
]  # fmt: skip


@pytest.mark.slow
def test_a_writer_dies_at_each_step_and_the_next_one_goes_on(
    s3: str, few: Path, alone: States, start: Start, finish: Finish, states: Read,
    find_faults: Callable[..., list[str]],
) -> None:  # fmt: skip
    order = {"sources": [few], "store": s3, "issuer": "proof", "lease_s": LEASE_S}
    named: set[str] = set()
    for when, step, call in STEPS:
        victim = start("ingest_driver.py", **order, **{when: [step, call]})
        out, err = victim.communicate(timeout=800)
        assert victim.returncode == -signal.SIGKILL, (step, err[-2000:])
        lines = [json.loads(line) for line in out.splitlines()]
        named |= {line["acknowledged"] for line in lines if "acknowledged" in line}
        if step != "create":
            assert not find_faults(states(Place.of(s3)), {}, alone, named)
    finish(start("ingest_driver.py", **order))
    assert states(check(s3).place) == alone
    swept(s3, alone, states)


@pytest.mark.slow
def test_writers_are_killed_while_another_writes_the_same_patients(
    s3: str, few: Path, alone: States, start: Start, finish: Finish, states: Read,
    find_faults: Callable[..., list[str]],
) -> None:  # fmt: skip
    rng = random.Random(SEED)
    done = 0
    acknowledged = 0
    for number in range(100 * KILLS):
        url = f"{s3}/{number}"
        order = {"sources": [few], "store": url, "issuer": "proof", "lease_s": LEASE_S}
        victim, other = (start("ingest_driver.py", **order, wait=True) for _ in range(2))
        together([victim, other])
        time.sleep(rng.uniform(0.2, 4.0))
        os.killpg(victim.pid, signal.SIGKILL)
        out, err = victim.communicate(timeout=800)
        lines = [json.loads(line) for line in out.splitlines()]
        named = {line["acknowledged"] for line in lines if "acknowledged" in line}
        assert victim.returncode in (0, -signal.SIGKILL), err[-2000:]
        done += victim.returncode != 0
        said = finish(other)
        named |= {line["acknowledged"] for line in said if "acknowledged" in line}
        acknowledged += len(named)
        assert named == set(alone), "the other writer went on"
        visible = states(check(url).place)
        assert not find_faults(visible, {}, alone, named)
        assert visible == alone
        swept(url, alone, states)
        if done == KILLS:
            break
    print(f"{done} kills, {acknowledged} patients acknowledged, 0 lost")  # noqa: T201 - the count
