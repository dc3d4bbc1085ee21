"""Several processes writing to one store: every acknowledged commit is there, once."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer import records
from explorer.compact import compact
from explorer.layout import MARKER
from explorer.store import Store
from explorer.verify import verify

States = dict[str, dict[str, Any]]
Process = subprocess.Popen[str]
Start = Callable[..., Process]
Finish = Callable[[Process], list[dict[str, Any]]]
Read = Callable[[Path], States]


def together(processes: list[Process]) -> None:
    """Let drivers that wait begin at the same moment."""
    for process in processes:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"at": "ready"}
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def check_tables(path: Path) -> Store:
    """One row a patient, one alias a name, one row an item, and an unbroken history."""
    store = Store(path)
    heads = store.records.read("patients").to_pylist()
    assert max(Counter(row["patient"] for row in heads).values()) == 1
    aliases = store.records.read("aliases").to_pylist()
    assert max(Counter((row["issuer"], row["identifier"]) for row in aliases).values()) == 1
    assert max(Counter(row["patient"] for row in aliases).values()) == 1
    for table, name in (("items", "item"), ("files", "uri"), ("attributes", "patient")):
        rows = store.records.visible(table).to_pylist()
        assert max(Counter((row["patient"], row[name]) for row in rows).values()) == 1, table
    for key in store.keys_and_labels():
        patient = store[key]
        assert list(patient.history()["version"]) == list(range(patient.version, 0, -1))
    found = verify(store)
    assert found.ok, found.faults
    return store


@pytest.mark.slow
def test_four_writers_of_different_patients_and_two_of_the_same(
    cohort: Callable[..., Path], tmp_path: Path, start: Start, finish: Finish, states: Read
) -> None:
    sources = cohort("six", ["STS_002"], 12)
    order: dict[str, Any] = {"issuer": "proof"}
    alone = tmp_path / "alone"
    finish(start("ingest_driver.py", sources=[sources], store=alone, **order))

    small = sorted(sources.glob("small-*"))
    shares = [small[n::4] for n in range(4)] + [[sources / "STS_002"]] * 2
    store = tmp_path / "store"
    processes = [
        start("ingest_driver.py", sources=share, store=store, wait=True, **order)
        for share in shares
    ]
    together(processes)
    while any(process.poll() is None for process in processes):
        if (store / MARKER).exists():
            compact(Store(store))  # housekeeping with its usual grace disturbs nobody
    said = [finish(process) for process in processes]
    opened = check_tables(store)
    acknowledged = [line for lines in said for line in lines if "acknowledged" in line]
    assert len(acknowledged) == 14
    for line in acknowledged:
        assert opened[line["acknowledged"]].version >= line["version"]

    # where a file lies below its source differs between the runs; nothing else does
    now, once = states(store), states(alone)
    assert set(now) == set(once)
    assert len(now) == 13
    for label, state in now.items():
        for row in [*state["files"], *once[label]["files"]]:
            row.pop("root")
        assert state == once[label]


@pytest.mark.slow
def test_three_writers_of_parts_of_one_patient(
    cohort: Callable[..., Path], tmp_path: Path, start: Start, finish: Finish, states: Read
) -> None:
    whole = cohort("parts", ["STS_002"], 0)
    alone, store = tmp_path / "alone", tmp_path / "store"
    finish(start("ingest_driver.py", sources=[whole], store=alone, issuer="proof"))
    parts = [whole / "STS_002" / name for name in ("CT", "MR_T1", "PET")]
    processes = [
        start("ingest_driver.py", sources=[part], store=store, issuer="proof", wait=True)
        for part in parts
    ]
    together(processes)
    said = [line for process in processes for line in finish(process)]
    versions = sorted(line["version"] for line in said if "acknowledged" in line)
    assert versions == [1, 2, 3]
    patient = check_tables(store)["STS_002"]
    assert patient.version == 3
    assert sorted(patient.history()["items"]) == [2, 4, 6]
    (now,), (once,) = states(store).values(), states(alone).values()
    for name in ("voxels", "masks", "items", "segments"):
        assert now[name] == once[name]


@pytest.mark.slow
@pytest.mark.parametrize("writers", [4])
def test_writers_of_facts_of_one_patient(
    writers: int, tmp_path: Path, start: Start, finish: Finish
) -> None:
    path = tmp_path / "store"
    store = Store.create(path)
    with store.transaction("begin") as t:
        t.patient("P")
    names = [[f"fact {w}-{n}" for n in range(10)] for w in range(writers)]
    processes = [
        start("facts_driver.py", store=path, patient="P", names=theirs) for theirs in names
    ]
    together(processes)
    said = [line for process in processes for line in finish(process)]
    assert sorted(line["version"] for line in said) == list(range(2, 2 + 10 * writers))
    patient = Store(path)["P"]
    assert sorted(patient.facts["name"]) == sorted(name for theirs in names for name in theirs)
    assert list(patient.history()["version"]) == list(range(1 + 10 * writers, 0, -1))
    # the rows of those that lost a race are nobody's: sweeping them changes nothing that is seen
    compact(Store(path), grace_s=0)
    after = Store(path)["P"]
    assert after.facts.equals(patient.facts)
    assert after.history().equals(patient.history())


def test_a_commit_that_another_has_gone_on_from_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = Store.create(tmp_path / "store"), Store.create(tmp_path / "store")
    with store.transaction("begin") as t:
        key = t.patient("P")
    retry = records.retry_lance

    def interfere(step: Callable[[], None]) -> None:
        retry(step)
        monkeypatch.setattr(records, "retry_lance", retry)
        with other.transaction("in between") as t:
            t.add_facts(key, [{"name": "fact 2", "value": 2}])

    patched = records.Records.move

    def move(self: records.Records, heads: Any) -> set[str]:
        monkeypatch.setattr(records.Records, "move", patched)
        monkeypatch.setattr(records, "retry_lance", interfere)
        return patched(self, heads)

    monkeypatch.setattr(records.Records, "move", move)
    with store.transaction("first") as t:
        t.add_facts(key, [{"name": "fact 1", "value": 1}])
    assert t.versions == {key: 2}
    assert sorted(Store(store.path)["P"].facts["name"]) == ["fact 1", "fact 2"]
    assert list(store["P"].history()["version"]) == [3, 2, 1]
