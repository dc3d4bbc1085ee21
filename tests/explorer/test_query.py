"""SQL reads the visible rows, and reaches nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import explorer
from explorer.errors import QueryError

ROWS = pd.DataFrame({"secret": [1, 2, 3]})


@pytest.fixture
def filled(store: explorer.Store, drafts: Any) -> explorer.Store:
    """Two patients, images, a segmentation, a fact, a text, a file of nobody."""
    with store.transaction("synthetic") as t:
        for name in ("Anna", "Berta"):
            key = t.patient(name)
            t.put(key, drafts.image())
            t.add_facts(key, [{"name": "age", "value": "61", "number": 61}])
        t.put(key, drafts.segmentation())
        t.add_text(key, "r-1", "no lesion")
        t.put_files("~files", [{"uri": "/x/y.txt", "status": "skipped"}])
    return store


def test_every_table(filled: explorer.Store) -> None:
    counts = {
        table: int(filled.sql(f"select count(*) as n from {table}")["n"][0])
        for table in ("patients", "items", "segments", "facts", "texts", "files")
    }
    assert counts == {
        "patients": 2, "items": 3, "segments": 1, "facts": 2, "texts": 1, "files": 1,
    }  # fmt: skip


def test_the_question_of_the_readme(filled: explorer.Store) -> None:
    frame = filled.sql("select modality, count(*) as n from items group by all order by n")
    assert frame.to_dict("list") == {"modality": ["SEG", "CT"], "n": [1, 2]}


def test_tables_join(filled: explorer.Store) -> None:
    frame = filled.sql(
        "with old as (select patient from facts where name = 'age' and number > 60) "
        "select p.label, i.item from main.patients p join ITEMS i using (patient) "
        "semi join old using (patient) where i.kind = 'segmentation'"
    )
    assert frame.to_dict("records") == [{"label": "Berta", "item": "seg-00000001"}]


def test_only_current_rows(filled: explorer.Store) -> None:
    with filled.transaction("drop") as t:
        t.drop(filled["Berta"].key, "seg-00000001")
    assert filled.sql("select * from segments").empty


def test_the_empty_store(store: explorer.Store) -> None:
    for table in ("patients", "items", "segments", "facts", "texts", "files"):
        frame = store.sql(f"select * from {table}")
        assert frame.empty
        assert "patient" in frame.columns


REFUSED = [
    "",
    "no sql",
    "drop table items",
    "delete from items",
    "insert into items select * from items",
    "update items set name = 'x'",
    "create table t as select 1",
    "select 1; select 2",
    "select 1; drop table items",
    "attach 'x.db'",
    "copy items to '{place}/out.csv'",
    "copy (select 1) to '{place}/out.parquet'",
    "export database '{place}'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "pragma database_list",
    "call pragma_version()",
    "select * from nothing",
    "select * from '{place}/patients.csv'",
    "select * from read_csv('{place}/patients.csv')",
    "select * from read_text('{place}/patients.csv')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_json('{place}/*.json')",
    "select * from read_parquet('http://127.0.0.1:9/x.parquet')",
    "select * from 'https://127.0.0.1:9/x.csv'",
    "select * from glob('/etc/*')",
    "select * from sniff_csv('{place}/patients.csv')",
    "select * from ROWS",
    "select * from rows",
    "select * from query('drop table items')",
]


def test_what_is_not_answered(
    filled: explorer.Store, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    (tmp_path / "patients.csv").write_text("secret\n1\n")
    before = sorted(tmp_path.iterdir())
    for query in REFUSED:
        with subtests.test(query), pytest.raises(QueryError):
            filled.sql(query.format(place=tmp_path))
    assert sorted(tmp_path.iterdir()) == before
    assert len(filled.sql("select * from items")) == 3


def test_what_a_query_says_of_its_tables(filled: explorer.Store) -> None:
    with pytest.raises(QueryError, match="patients, items, segments, files, facts, events"):
        filled.sql("select * from nothing")
    with pytest.raises(QueryError, match="modalty"):
        filled.sql("select modalty from items")


def test_hostile_values_are_values(store: explorer.Store, hostile: list[str]) -> None:
    with store.transaction("hostile") as t:
        key = t.patient("Anna")
        t.add_facts(key, [{"name": f"fact {n}", "value": v} for n, v in enumerate(hostile)])
    frame = store.sql("select name, value from facts order by cast(name[6:] as int)")
    assert frame["value"].tolist() == hostile
    assert store["Anna"].facts["value"].tolist() == hostile
