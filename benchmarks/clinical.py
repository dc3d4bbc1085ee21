"""A clinical table of 11,081 TCGA patients as facts: in one commit, and in a commit each."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from data import find
from explorer.store import Store
from table import Row, faster

_ONE_BY_ONE = 200


def clinical(data: Path, place: Path, repeat: int) -> list[Row]:
    """Take the table in; a commit each is extrapolated from the first 200 patients."""
    path = find(data, "clinical_data.tsv.gz")
    if path is None:
        sys.stderr.write("clinical_data.tsv.gz is not there: its line is left out\n")
        return []
    frame = pd.read_csv(path, sep="\t")
    people = _facts(frame)
    bulk, single = [], []
    for number in range(max(1, repeat)):
        store = Store.create(place / f"bulk-{number}")
        began = time.perf_counter()
        with store.transaction("clinical table") as t:
            keys = t.patients(people)
            for label, facts in people.items():
                t.add_facts(keys[label], facts)
        bulk.append((time.perf_counter() - began) * 1000)
        if len(store) != len(people):
            raise ValueError(f"{len(store)} patients of {len(people)}")
        store = Store.create(place / f"single-{number}")
        began = time.perf_counter()
        for label in list(people)[:_ONE_BY_ONE]:
            with store.transaction("clinical row") as t:
                t.add_facts(t.patient(label), people[label])
        single.append((time.perf_counter() - began) * 1000 / _ONE_BY_ONE)
    count = sum(len(theirs) for theirs in people.values())
    return [
        faster(
            f"{count:,} facts of {len(people):,} patients in one commit", "real, TCGA clinical",
            statistics.median(bulk),
            f"a commit each ({statistics.median(single):.0f} ms, of {_ONE_BY_ONE}, extrapolated)",
            statistics.median(single) * len(people),
        )
    ]  # fmt: skip


def _facts(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """One fact a cell; an empty cell is a state of its own."""
    found: dict[str, list[dict[str, Any]]] = {}
    names = [name for name in frame.columns if name != "submitter_id"]
    for row in frame.to_dict("records"):
        facts = []
        for name in names:
            value = row[name]
            missing = pd.isna(value)
            facts.append(
                {
                    "name": name,
                    "value": None if missing else value,
                    "state": "not recorded" if missing else "present",
                    "source": "clinical_data.tsv",
                }
            )
        found[str(row["submitter_id"])] = facts
    return found
