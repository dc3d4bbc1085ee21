from __future__ import annotations

import pytest

import explorer
from explorer.errors import NotFoundError
from explorer.join import join
from explorer.read_patients import read_patients
from explorer.records import Records


@pytest.fixture
def many(store: explorer.Store) -> explorer.Store:
    with store.transaction("twelve") as t:
        for n in range(12):
            key = t.patient(f"P{n:02}")
            t.add_facts(key, [{"name": "age", "value": str(n)}])
            if n % 2:
                t.add_text(key, "r-1", f"report {n}")
    return store


def test_they_are_what_each_is_alone(many: explorer.Store) -> None:
    found = read_patients(many, tables=("facts", "texts"))
    assert [one.label for one in found] == list(many)
    for one in found:
        alone = many[one.key]
        assert one.version == alone.version
        assert one.rows("facts") == alone.rows("facts")
        assert one.rows("texts") == alone.rows("texts")


def test_tables_are_read_once_for_all(
    many: explorer.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = many.patients(tables=("facts", "texts", "runs"))
    monkeypatch.setattr(Records, "rows", lambda *_: pytest.fail("read again"))
    assert [one.facts["value"].item() for one in found] == [str(n) for n in range(12)]
    assert sum(len(one.reports) for one in found) == 6
    assert found[0].label == "P00"


def test_some_by_name_in_their_order(many: explorer.Store) -> None:
    names = [f"P{n:02}" for n in range(11, 1, -1)]
    assert [one.label for one in many.patients(names)] == names
    assert [one.label for one in many.patients(["P03"], ("facts",))] == ["P03"]
    with pytest.raises(NotFoundError, match="P99"):
        many.patients([*names, "P99"])


def test_joined_patients_are_part_of_the_other_one(many: explorer.Store) -> None:
    join(many, many["P01"].key, many["P00"].key, "one person")
    found = {one.label: one for one in many.patients(tables=("texts",))}
    assert len(found) == 11
    assert [row["text"] for row in found["P00"].rows("texts")] == ["report 1"]


def test_a_transaction_over_many_reads_a_table_once(
    many: explorer.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with many.transaction("more") as t:
        for n in range(40):
            t.patient(f"Q{n:02}")
    keys = [one.key for one in many.patients()]
    reads: list[str] = []
    visible = Records.visible

    def counted(self: Records, table: str, *args: object, **more: object) -> object:
        reads.append(table)
        return visible(self, table, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Records, "visible", counted)
    with many.transaction("facts of all") as t:
        t.begin(keys)
        for key in keys:
            t.add_facts(key, [{"name": "seen", "value": "yes"}])
    assert reads.count("facts") == 1
    assert len(many["P00"].facts) == 2
    assert len(many["Q00"].facts) == 1
