"""Older versions let go: the present one, pinned ones and young ones stay readable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import explorer
from explorer.cli import app
from explorer.compact import compact
from explorer.errors import NotFoundError, StoreError
from explorer.verify import verify

LATER = "2999-01-01"


def _volume(value: int) -> Any:
    noise = np.random.default_rng(value).integers(0, 9999, (32, 64, 64))
    return (noise // 10 * 10 + value).astype(np.int16)


@pytest.fixture
def store_of_five(store: explorer.Store, drafts: Any) -> explorer.Store:
    """Versions 1, 2, 4 with other pixels, 3 and 5 with other facts alone."""
    for value in range(1, 6):
        with store.transaction(f"version {value}") as t:
            key = t.patient("Anna")
            if value not in (3, 5):
                t.put(key, drafts.image(_volume(value)), copy=True)
            t.add_facts(key, [{"name": "turn", "value": value}])
    return store


def _size(store: explorer.Store) -> int:
    folder = store.path / "patients"
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_present_and_the_pinned_stay(store_of_five: explorer.Store) -> None:
    store, key = store_of_five, store_of_five["Anna"].key
    store.records.append(
        "pins", [{"holder": "study", "kind": "cohort", "patient": key, "version": 3}]
    )
    before = _size(store)
    planned = compact(store, 0, expire_before=LATER, dry_run=True)
    assert (planned.versions_expired, planned.dry_run) == (3, True)
    assert _size(store) == before
    assert store["Anna"].history()["version"].tolist() == [5, 4, 3, 2, 1]

    done = compact(store, 0, expire_before=LATER)
    assert (done.versions_expired, done.busy) == (3, 0)
    assert done.rows_expired == planned.rows_expired > 0
    # of the pixels of 1, 2 and 4 those of 1 are needed no more: 3 has those of 2, and 5 of 4
    assert done.bytes_freed > 100_000
    assert _size(store) < before - 100_000
    for handle in (store, explorer.open(store.path)):
        anna = handle["Anna"]
        assert anna.history()["version"].tolist() == [5, 3]
        np.testing.assert_array_equal(anna.images["CT"].data, _volume(4))
        np.testing.assert_array_equal(anna.at(3).images["CT"].data, _volume(2))
        assert anna.at(3).facts["value"].tolist() == ["1", "2", "3"]
        with pytest.raises(NotFoundError, match="No version 2"):
            anna.at(2)
    assert verify(store).ok
    # and nothing is found any more, by this or by a plain compact, which leaves the pinned alone
    assert compact(store, 0, expire_before=LATER).versions_expired == 0
    assert compact(store, 0).rows_swept == 0
    np.testing.assert_array_equal(store["Anna"].at(3).images["CT"].data, _volume(2))

    with store.transaction("life goes on") as t:
        t.add_facts(key, [{"name": "turn", "value": 6}])
    assert store["Anna"].version == 6
    store.records.dataset("pins").delete("kind = 'cohort'")
    assert compact(store, 0, expire_before=LATER).versions_expired == 2
    assert store["Anna"].history()["version"].tolist() == [6]
    np.testing.assert_array_equal(store["Anna"].images["CT"].data, _volume(4))


def test_younger_versions_stay(store_of_five: explorer.Store) -> None:
    store = store_of_five
    third = store["Anna"].at(3).head.updated
    assert compact(store, 0, expire_before="2001-01-01").versions_expired == 0
    assert compact(store, 0, expire_before=third).versions_expired == 2
    anna = store["Anna"]
    assert anna.history()["version"].tolist() == [5, 4, 3]
    # version 3 is young, and its pixels are of version 2, which is gone
    np.testing.assert_array_equal(anna.at(3).images["CT"].data, _volume(2))
    np.testing.assert_array_equal(anna.at(4).images["CT"].data, _volume(4))
    assert verify(store).ok


def test_a_patient_under_write_is_left_for_another_time(
    store_of_five: explorer.Store, drafts: Any
) -> None:
    store = store_of_five
    with store.transaction("at work") as t:
        t.put(t.patient("Anna"), drafts.image(_volume(6)), copy=True)
        done = compact(store, 0, expire_before=LATER)
        assert done.versions_expired == 0
        assert done.busy > 0
    np.testing.assert_array_equal(store["Anna"].images["CT"].data, _volume(6))
    assert store["Anna"].history()["version"].tolist() == [6, 5, 4, 3, 2, 1]


def test_the_command(store_of_five: explorer.Store, tmp_path: Path) -> None:
    run, place = CliRunner(), str(store_of_five.path)
    dry = run.invoke(app, ["compact", place, "--expire-before", LATER, "--dry-run", "--json"])
    assert json.loads(dry.stdout)["versions_expired"] == 4
    done = run.invoke(app, ["compact", place, "--expire-before", LATER, "--grace", "0", "--json"])
    assert json.loads(done.stdout)["bytes_freed"] > 100_000
    with pytest.raises(StoreError, match="is no date"):
        compact(store_of_five, expire_before="yesterday")
