"""The Imaging Data Commons index, 1,044,191 series: as a public index, and as a store's items.

Peers, in the same run: DuckDB on the original Parquet, and pandas with the index in memory.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psutil

from explorer.facets import facets
from explorer.index.public_index import public_index
from explorer.store import Store
from million_items import COHORT, FACETS, one_patient, parquet, write_items
from table import Row, faster, medians, table

_DATA = "real, IDC index, 1,044,191 series"
_WITHIN, _PANDAS, _ONE = 5.0, 3.0, 5.0


def main() -> int:
    """Measure, print; 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7, help="times that count (default 7)")
    repeat = parser.parse_args().repeat
    path = public_index().path
    frame = pd.read_parquet(path)
    with tempfile.TemporaryDirectory(prefix="oncograph-bench-") as folder:
        store = write_items(path, Path(folder) / "items.onco")
        rows = _queries(path, frame, store, repeat)
        rows += one_patient(path, store, repeat, _ONE)
        rows += _index(frame, repeat)
        rows += _cohorts(store, repeat)
    load = ", ".join(f"{one:.1f}" for one in psutil.getloadavg())
    sys.stdout.write(f"{psutil.cpu_count()} cores, load {load}\n{table(rows)}\n")
    return 1 if any(row.met is False for row in rows) else 0


def pandas_cohort(frame: pd.DataFrame) -> Any:
    """Patients with a CT and a SEG of the chest, as one would write it."""
    held = frame[frame.Modality.isin(["CT", "SEG"]) & (frame.BodyPartExamined == "CHEST")]
    number = held.groupby(["collection_id", "PatientID"]).Modality.nunique()
    return number[number == 2]


def pandas_facets(frame: pd.DataFrame) -> Any:
    """Series and patients of each modality and body part."""
    who = frame.collection_id + "/" + frame.PatientID
    return frame.assign(who=who).groupby(["Modality", "BodyPartExamined"], dropna=False).who.agg(
        ["size", "nunique"]
    )  # fmt: skip


def _queries(path: Path, frame: pd.DataFrame, store: Store, repeat: int) -> list[Row]:
    rows = []
    peers: tuple[tuple[str, str, Callable[[pd.DataFrame], Any]], ...] = (
        ("cohort query", COHORT, pandas_cohort), ("facets", FACETS, pandas_facets),
    )  # fmt: skip
    for what, query, by_pandas in peers:
        ours, theirs = query.format("items"), query.format(parquet(path))
        sizes = {len(store.sql(ours)), len(duckdb.sql(theirs).df()), len(by_pandas(frame))}
        if len(sizes) != 1:
            raise ValueError(f"the answers to {what} differ: {sizes}")
        calls: dict[str, Callable[[], Any]] = {
            "again": lambda ours=ours: store.sql(ours),
            "first": lambda ours=ours: Store(store.place).sql(ours),
            "duckdb": lambda theirs=theirs: duckdb.sql(theirs).df(),
            "pandas": lambda by_pandas=by_pandas: by_pandas(frame),
        }
        took = medians(calls, repeat)
        for name, label in (("first", "a store opened for it"), ("again", "asked again")):
            rows.append(
                Row(f"{what}, {label}", _DATA, took[name], "DuckDB on the Parquet",
                    took["duckdb"], "ms", took["duckdb"] / took[name],
                    f"within {_WITHIN:g}x", took[name] <= _WITHIN * took["duckdb"])
            )  # fmt: skip
            least = _PANDAS if what == "cohort query" else None
            rows.append(faster(f"{what}, {label}", _DATA, took[name], "pandas in memory",
                               took["pandas"], least))  # fmt: skip
    return rows


def _index(frame: pd.DataFrame, repeat: int) -> list[Row]:
    index = public_index()
    calls: dict[str, Callable[[], Any]] = {
        "first": lambda: public_index().cohort().having("CT", body_part="CHEST").counts,
        "again": lambda: index.cohort().having("CT", body_part="CHEST").having("SEG").counts,
        "facets": lambda: index.cohort().facets("modality", "body_part"),
        "pandas": lambda: pandas_cohort(frame),
        "pandas facets": lambda: pandas_facets(frame),
    }
    took = medians(calls, repeat)
    return [
        faster("index.cohort().having, an index opened", _DATA, took["first"], "pandas in memory",
               took["pandas"]),
        faster("index.cohort().having, asked again", _DATA, took["again"], "pandas in memory",
               took["pandas"]),
        faster("index.cohort().facets", _DATA, took["facets"], "pandas in memory",
               took["pandas facets"]),
    ]  # fmt: skip


def _cohorts(store: Store, repeat: int) -> list[Row]:
    """The same through the store's own cohort, against its SQL."""
    query = COHORT.format("items")
    calls: dict[str, Callable[[], Any]] = {
        "sql": lambda: store.sql(query),
        "all": lambda: len(store.cohort()),
        "having": lambda: len(store.cohort().having("CT").having("SEG")),
        "facets": lambda: facets(store),
    }
    took = medians(calls, repeat)
    named = {"all": "store.cohort(), its patients", "facets": "facets(store)",
             "having": "store.cohort().having('CT').having('SEG')"}  # fmt: skip
    return [
        faster(label, _DATA, took[name], "the cohort query in SQL", took["sql"])
        for name, label in named.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
