"""The commit point: compare-and-set, one row a patient."""

from __future__ import annotations

from dataclasses import replace

import explorer
from explorer.layout import RECORDS
from explorer.records import Head, quote


def _head(key: str, version: int, commit: str) -> Head:
    return Head(key, version, commit, None, "2019-03-01T00:00:00", dict.fromkeys(RECORDS))


def test_a_head_moves_by_one(store: explorer.Store) -> None:
    records = store.records
    first = _head("k", 1, "a")
    assert records.move([first]) == {"k"}
    assert records.head("k") == first
    assert records.move([_head("k", 3, "c")]) == set()
    assert records.move([_head("k", 2, "b")]) == {"k"}
    assert records.move([_head("k", 2, "late")]) == set()
    assert records.head("k") == _head("k", 2, "b")


def test_a_second_first_version_does_not_replace_it(store: explorer.Store) -> None:
    store.records.move([_head("k", 1, "a")])
    assert store.records.move([_head("k", 1, "b")]) == set()
    found = store.records.head("k")
    assert found is not None
    assert found.commit == "a"


def test_many_heads_each_for_itself(store: explorer.Store) -> None:
    keys = [f"k{n}" for n in range(5)]
    assert store.records.move([_head(key, 1, key) for key in keys]) == set(keys)
    store.records.move([_head("k2", 2, "fast")])
    moved = store.records.move([_head(key, 2, f"{key} again") for key in keys])
    assert moved == {"k0", "k1", "k3", "k4"}


def test_rows_are_read_at_their_head(store: explorer.Store) -> None:
    facts = [{"patient": "k", "commit": c, "name": c} for c in ("a", "b", "orphan")]
    store.records.append("facts", [*facts, {"patient": "other", "commit": "b", "name": "x"}])
    at = dict.fromkeys(RECORDS)
    head = replace(_head("k", 1, "c"), at={**at, "facts": "b"})
    store.records.move([head])
    assert [row["name"] for row in store.records.rows("facts", head)] == ["b"]
    assert store.records.visible("facts", ["name"])["name"].to_pylist() == ["b"]
    assert store.records.rows("texts", head) == []


def test_fragments_are_merged_and_nothing_is_lost(store: explorer.Store) -> None:
    for n in range(6):
        store.records.append("facts", [{"patient": "k", "commit": "c", "name": str(n)}])
    assert store.records.merge_fragments(["facts"], at=100) == []
    assert store.records.merge_fragments(["facts"], at=2) == ["facts"]
    assert len(store.records.dataset("facts").get_fragments()) == 1
    names = store.records.read("facts", columns=["name"])["name"].to_pylist()
    assert names == [str(n) for n in range(6)]


def test_a_quoted_text_cannot_end_its_quotes(store: explorer.Store) -> None:
    text = "x' OR '1'='1"
    store.records.append("facts", [{"patient": name, "commit": "c"} for name in (text, "y")])
    found = store.records.read("facts", f"patient = {quote(text)}")
    assert found["patient"].to_pylist() == [text]
