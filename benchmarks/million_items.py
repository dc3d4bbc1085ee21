"""The public index of the Imaging Data Commons, 1,044,191 series, as items of one store."""

from __future__ import annotations

import statistics
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import duckdb
import idc_index_data
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from explorer.commit import commit
from explorer.edit import Edit
from explorer.layout import ALL_TABLES, RECORDS
from explorer.records import Head, now
from explorer.store import Store
from table import Row, faster, medians

_DATA = "real, IDC index, 1,044,191 series"
COHORT = (
    "select patient from {0} where modality in ('CT', 'SEG') and body_part = 'CHEST' "
    "group by patient having count(distinct modality) = 2"
)
FACETS = (
    "select modality, body_part, count(*) series, count(distinct patient) patients from {0} "
    "group by all"
)
_WITHIN = 5.0
_TENTH = 10.0
_COMMITS = 5_000
_FRESH = 2.0


def million_items(place: Path, repeat: int, commits: int = _COMMITS) -> list[Row]:
    """Measure queries, one patient and an upsert on a million items; then many small commits."""
    index = Path(idc_index_data.IDC_INDEX_PARQUET_FILEPATH)
    began = time.perf_counter()
    store = write_items(index, place / "items.onco")
    took = time.perf_counter() - began
    sys.stderr.write(f"{len(store):,} patients written as items in {took:.0f} s\n")
    rows = _queries(index, store, repeat)
    rows += one_patient(index, store, repeat)
    rows.append(_upsert(index, store, place, repeat))
    return rows + _small_commits(place, repeat, commits)


def write_items(index: Path, place: Path, most: int | None = None) -> Store:
    """Write the index, or its first rows by patient, as ``items``; all patients in one commit."""
    names = pq.read_schema(index).names
    plain = pa.schema([(n, pa.string()) for n in names if n not in ("instanceCount",)])
    wanted = ["collection_id", "PatientID", "Modality", "SeriesDescription", "StudyInstanceUID",
              "SeriesInstanceUID", "StudyDate", "BodyPartExamined", "series_aws_url"]  # fmt: skip
    source = pq.read_table(index, columns=wanted).cast(pa.schema([plain.field(n) for n in wanted]))
    who = pc.binary_join_element_wise(source["collection_id"], source["PatientID"], "/")
    source = source.append_column("who", who).sort_by("who").slice(0, most)
    coded = source["who"].combine_chunks().dictionary_encode()
    labels = coded.dictionary.to_pylist()
    store = Store.create(place)
    reserved = store.identity.reserve("idc", labels)
    keys = [reserved[label] for label in labels]
    heads = [_head(key) for key in keys]
    count = source.num_rows
    columns: dict[str, Any] = {
        "patient": pa.array(keys).take(coded.indices),
        "commit": pa.array([head.commit for head in heads]).take(coded.indices),
        "item": pc.binary_join_element_wise(
            pc.utf8_lower(source["Modality"]), pa.array(map(str, range(count))), "-"
        ),
        "kind": pa.array(["image"] * count), "modality": source["Modality"],
        "name": source["SeriesDescription"], "study_uid": source["StudyInstanceUID"],
        "series_uid": source["SeriesInstanceUID"], "acquired": source["StudyDate"],
        "body_part": source["BodyPartExamined"], "state": pa.array(["not extracted"] * count),
        "meta": source["series_aws_url"],
    }  # fmt: skip
    schema = ALL_TABLES["items"]
    nothing = {f.name: pa.nulls(count, f.type) for f in schema if f.name not in columns}
    records = store.records
    records.append("items", pa.table({f.name: (columns | nothing)[f.name] for f in schema}))
    records.append(
        "attributes",
        [
            {"patient": head.patient, "commit": head.commit, "label": label, "issuer": "idc"}
            for head, label in zip(heads, labels, strict=True)
        ],
    )
    message = {"parent": None, "message": "the public index"}
    records.append("commits", [{**head.row("time"), **message} for head in heads])
    records.move(heads)
    return store


def _head(key: str) -> Head:
    name = uuid.uuid4().hex
    at = {**dict.fromkeys(RECORDS), "items": name, "attributes": name}
    return Head(key, 1, name, None, now(), at)


def parquet(index: Path) -> str:
    """The Parquet with the names that the store's items have."""
    return (
        "(select collection_id || '/' || PatientID patient, Modality modality, BodyPartExamined "
        f"body_part from read_parquet('{index}'))"
    )


def _queries(index: Path, store: Store, repeat: int) -> list[Row]:
    rows = []
    for what, query in (("cohort query", COHORT), ("facets", FACETS)):
        theirs = query.format(parquet(index))
        ours = query.format("items")
        if len(store.sql(ours)) != len(duckdb.sql(theirs).df()):
            raise ValueError(f"the answers to {what} differ")
        took = medians(
            {
                "again": lambda ours=ours: store.sql(ours),
                "first": lambda ours=ours: Store(store.place).sql(ours),
                "duckdb": lambda theirs=theirs: duckdb.sql(theirs).df(),
            },
            repeat,
        )
        for name, label in (("first", "a store opened for it"), ("again", "asked again")):
            rows.append(
                Row(f"{what}, {label}", _DATA, took[name], "DuckDB on the Parquet",
                    took["duckdb"], "ms", took["duckdb"] / took[name],
                    f"within {_WITHIN:g}x", took[name] <= _WITHIN * took["duckdb"])
            )  # fmt: skip
    return rows


def one_patient(index: Path, store: Store, repeat: int, at_least: float | None = None) -> list[Row]:
    """A patient's items by label, against both peers."""
    label = str(
        store.sql("select label from patients order by label limit 1 offset 40000").iat[0, 0]
    )
    frame = pd.read_parquet(index)
    who = label.partition("/")
    query = f"select * from read_parquet('{index}') where collection_id = ? and PatientID = ?"
    took = medians(
        {
            "ours": lambda: store[label].rows("items"),
            "duckdb": lambda: duckdb.execute(query, [who[0], who[2]]).df(),
            "pandas": lambda: frame[
                (frame["collection_id"] == who[0]) & (frame["PatientID"] == who[2])
            ],
        },
        repeat,
    )
    return [
        faster("one patient's items", _DATA, took["ours"], other, took[name], at_least)
        for name, other in (("duckdb", "DuckDB on the Parquet"), ("pandas", "pandas in memory"))
    ]


def _upsert(index: Path, store: Store, place: Path, repeat: int) -> Row:
    """Give one patient a new version, against writing the Parquet anew."""
    label = str(store.sql("select label from patients limit 1").iat[0, 0])
    key = store[label].key
    frame = pq.read_table(index)

    def ours() -> None:
        head = store.records.head(key)
        edit = Edit(key, head)
        rows = store.records.rows("items", head) if head else []
        edit.rows["items"] = [{**row, "name": uuid.uuid4().hex} for row in rows]
        edit.dirty.add("items")
        commit(store, [edit], "changed")

    took = medians(
        {"ours": ours, "rewrite": lambda: pq.write_table(frame, place / "again.parquet")}, repeat
    )
    return faster(
        "upsert of a patient", _DATA, took["ours"], "writing the Parquet anew", took["rewrite"],
        _TENTH,
    )  # fmt: skip


def _facts(number: int) -> list[dict[str, Any]]:
    return [{"name": f"measure {n}", "value": number * n, "unit": "mm"} for n in range(10)]


def _small_commits(place: Path, repeat: int, commits: int) -> list[Row]:
    """Many commits of a patient each; the query then, against a store of one commit."""
    small, fresh = Store.create(place / "small.onco"), Store.create(place / "fresh.onco")
    times = []
    for number in range(commits):
        began = time.perf_counter()
        with small.transaction("one") as t:
            t.add_facts(t.patient(f"P{number}"), _facts(number))
        times.append((time.perf_counter() - began) * 1000)
    with fresh.transaction("all") as t:
        for number, key in enumerate(t.patients(f"P{n}" for n in range(commits)).values()):
            t.add_facts(key, _facts(number))
    query = "select name, count(*) n, sum(try_cast(value as double)) total from facts group by name"
    query += " order by name"
    if not small.sql(query).equals(fresh.sql(query)):
        raise ValueError("the two stores' answers differ")
    took = medians(
        {
            "small": lambda: Store(small.place).sql(query),
            "fresh": lambda: Store(fresh.place).sql(query),
        },
        repeat,
    )
    tenth = max(1, commits // 10)
    first, last = statistics.median(times[:tenth]), statistics.median(times[-tenth:])
    data = f"synthetic, {commits:,} commits of ten facts"
    return [
        Row("query after them", data, took["small"], "a store of one commit", took["fresh"], "ms",
            took["fresh"] / took["small"], f"within {_FRESH:g}x",
            took["small"] <= _FRESH * took["fresh"]),
        Row("a commit, the last tenth", data, last, "the first tenth", first, "ms", first / last),
    ]  # fmt: skip
