"""Several patients move at once, or none of them."""

from __future__ import annotations

import uuid
from dataclasses import replace

import explorer
from explorer.move_together import move_together
from explorer.records import Head


def after(store: explorer.Store, name: str) -> Head:
    head = store[name].head
    return replace(head, version=head.version + 1, commit=uuid.uuid4().hex)


def test_all_or_none(store: explorer.Store) -> None:
    with store.transaction("three") as t:
        t.patients("abc")
    first, second = after(store, "a"), after(store, "b")
    assert move_together(store.records, [first, second])
    assert [store[name].version for name in "abc"] == [2, 2, 1]

    third, stale = after(store, "c"), replace(first, commit=uuid.uuid4().hex)
    assert not move_together(store.records, [third, stale])
    assert [store[name].version for name in "abc"] == [2, 2, 1]
    assert store["c"].head.commit != third.commit


def test_nobody_is_made(store: explorer.Store) -> None:
    with store.transaction("one") as t:
        t.patient("a")
    nobody = replace(store["a"].head, patient="0" * 20)
    assert not move_together(store.records, [after(store, "a"), nobody])
    assert (len(store), store["a"].version) == (1, 1)
