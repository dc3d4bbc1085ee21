from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.compact import compact
from explorer.errors import ConflictError
from explorer.verify import verify


def _volume(value: int) -> Any:
    # random parts do not compress away, so that a sweep has something to free
    noise = np.random.default_rng(value).integers(0, 9999, (64, 64, 64))
    return (noise // 10 * 10 + value).astype(np.int16)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_an_empty_store(store: explorer.Store) -> None:
    done = compact(store, grace_s=0)
    assert (done.rows_swept, done.repositories_swept, done.bytes_freed) == (0, 0, 0)


def test_every_version_stays_readable(store: explorer.Store, drafts: Any) -> None:
    for value in range(1, 5):
        with store.transaction(f"version {value}") as t:
            key = t.patient("Anna")
            t.put(key, drafts.image(_volume(value)), copy=True)
            t.add_facts(key, [{"name": "turn", "value": value}])
    done = compact(store, grace_s=0)
    assert done.tables_merged > 0
    assert done.rows_swept == 0
    for handle in (store, explorer.open(store.path)):
        for value in range(1, 5):
            past = handle["Anna"].at(value)
            np.testing.assert_array_equal(past.images["CT"].data, _volume(value))
            assert past.facts["value"].tolist() == [str(n) for n in range(1, value + 1)]
    assert store["Anna"].history()["version"].tolist() == [4, 3, 2, 1]
    assert verify(store).ok


def test_orphans_are_swept_and_nothing_else(store: explorer.Store, drafts: Any) -> None:
    with store.transaction("first") as t:
        key = t.patient("Anna")
        t.put(key, drafts.image(_volume(1)), copy=True)
    # a writer that lost: its arrays and rows are there, and no head names them
    slow = store.transaction("slow")
    slow.put(key, drafts.image(_volume(2), "ct-slow"), copy=True)
    with store.transaction("fast") as t:
        t.add_facts(key, [{"name": "stage", "value": "II"}])
    with pytest.raises(ConflictError), slow:
        pass
    # a writer that was killed before it moved the head
    store.records.append("facts", [{"patient": key, "commit": "killed", "name": "stage"}])
    # a writer that was killed before its first version
    nobody = store.identity.reserve("local", ["Berta"])["Berta"]
    session = store.arrays(nobody).write(None)
    session.store  # noqa: B018
    scratch = store.path / "scratch" / "ingest-killed"
    scratch.mkdir(parents=True)
    (scratch / "member.dcm").write_bytes(b"x")

    before = _size(store.path / "patients")
    done = compact(store, grace_s=0)
    assert done.rows_swept > 0
    assert done.repositories_swept == 1
    assert done.scratch_swept == 1
    assert done.bytes_freed > 100_000
    assert _size(store.path / "patients") < before - 100_000
    assert not scratch.exists()
    assert not (store.path / "patients" / nobody).exists()
    np.testing.assert_array_equal(store["Anna"].images["CT"].data, _volume(1))
    assert store["Anna"].history()["message"].tolist() == ["fast", "first"]
    for table in ("items", "commits", "facts"):
        rows = store.records.read(table).to_pylist()
        assert {row["commit"] for row in rows} <= {
            head.commit for head, _ in store.records.history(key)
        }
    # the name is still reserved: a later first version gets the same key
    with store.transaction("late") as t:
        assert t.patient("Berta") == nobody
        t.put(nobody, drafts.image())
    assert verify(store).ok
    assert compact(store, grace_s=0).rows_swept == 0


def test_arrays_of_a_patient_who_has_none_visible_are_swept(
    store: explorer.Store, drafts: Any
) -> None:
    with store.transaction("facts alone") as t:
        key = t.patient("Anna")
    slow = store.transaction("slow")
    slow.put(key, drafts.image(_volume(1)), copy=True)
    with store.transaction("fast") as t:
        t.add_facts(key, [{"name": "stage", "value": "II"}])
    with pytest.raises(ConflictError), slow:
        pass
    assert compact(store, grace_s=0).bytes_freed > 100_000
    with store.transaction("next") as t:
        t.put(key, drafts.image())
    assert list(store["Anna"].images) == ["ct-00000001"]


def test_young_orphans_may_belong_to_a_writer_at_work(store: explorer.Store) -> None:
    with store.transaction("first") as t:
        key = t.patient("Anna")
    store.records.append("facts", [{"patient": key, "commit": "on its way", "name": "stage"}])
    assert compact(store).rows_swept == 0
    assert compact(store, grace_s=0).rows_swept == 1


def test_a_patient_under_write_is_left_alone(store: explorer.Store, drafts: Any) -> None:
    with store.transaction("write") as t:
        t.put(t.patient("Anna"), drafts.image(_volume(1)), copy=True)
        assert compact(store, grace_s=0).repositories_swept == 0
    np.testing.assert_array_equal(store["Anna"].images["CT"].data, _volume(1))


def test_a_patient_that_is_open_stays_readable(store: explorer.Store, drafts: Any) -> None:
    for value in (1, 2):
        with store.transaction("x") as t:
            t.put(t.patient("Anna"), drafts.image(_volume(value)), copy=True)
    data = store["Anna"].at(1).images["CT"].data
    compact(store, grace_s=0)
    np.testing.assert_array_equal(data, _volume(1))
