"""Visible rows: only what heads name, and what is kept ends with the next commit."""

from __future__ import annotations

import explorer
from explorer.visible_rows import VisibleRows


def _add(store: explorer.Store, label: str, value: str) -> str:
    with store.transaction("add") as t:
        key = t.patient(label)
        t.add_facts(key, [{"name": "stage", "value": value, "unit": label}])
    return key


def test_what_is_kept_follows_every_commit(store: explorer.Store) -> None:
    _add(store, "Anna", "I")
    rows = VisibleRows(store.records)
    assert rows.read("facts", ["value"], None)["value"].to_pylist() == ["I"]
    # another handle commits: what is kept is of the old version
    _add(explorer.open(store.path), "Anna", "II")
    assert sorted(rows.read("facts", ["value", "unit"], None)["value"].to_pylist()) == ["I", "II"]
    _add(explorer.open(store.path), "Berta", "III")
    found = rows.read("facts", ["unit", "value"], None)
    assert found.column_names == ["unit", "value"]
    assert sorted(zip(*found.to_pydict().values(), strict=True)) == [
        ("Anna", "I"), ("Anna", "II"), ("Berta", "III"),
    ]  # fmt: skip


def test_columns_that_are_asked_for_later_fit_to_those_before(store: explorer.Store) -> None:
    for number in range(5):
        _add(store, f"P{number % 2}", str(number))  # superseded rows lie between the visible ones
    rows = VisibleRows(store.records)
    values = rows.read("facts", ["value"], None)["value"].to_pylist()
    both = rows.read("facts", ["value", "unit", "patient"], None)
    assert both["value"].to_pylist() == values
    assert {(v, u) for v, u in zip(values, both["unit"].to_pylist(), strict=True)} == {
        (str(n), f"P{n % 2}") for n in range(5)
    }


def test_a_patient_is_left_out(store: explorer.Store) -> None:
    key = _add(store, "Anna", "I")
    _add(store, "Berta", "II")
    rows = VisibleRows(store.records)
    assert rows.read("facts", ["value"], key)["value"].to_pylist() == ["II"]
    assert rows.read("facts", ["value"], None).num_rows == 2


def test_what_is_kept_is_bounded(store: explorer.Store, monkeypatch: object) -> None:
    import explorer.visible_rows as module

    _add(store, "Anna", "I")
    monkeypatch.setattr(module, "_MOST_BYTES", 0)  # type: ignore[attr-defined]
    rows = VisibleRows(store.records)
    for _ in range(2):
        assert rows.read("facts", ["value"], None)["value"].to_pylist() == ["I"]
    assert not rows._kept


def test_rows_of_a_commit_may_lie_in_several_batches(
    store: explorer.Store, monkeypatch: object
) -> None:
    import explorer.records as module

    for number in range(3):
        for label in ("Anna", "Berta"):
            with store.transaction("add") as t:
                facts = [{"name": f"f{k}", "value": f"{label} {number}.{k}"} for k in range(5)]
                t.add_facts(t.patient(label), facts)
    whole = VisibleRows(store.records).read("facts", ["value"], None)["value"].to_pylist()
    monkeypatch.setattr(module, "_BATCH_ROWS", 2)  # type: ignore[attr-defined]
    found = VisibleRows(store.records).read("facts", ["value"], None)["value"]
    assert found.num_chunks > 1
    assert found.to_pylist() == whole
    assert len(whole) == 30
