"""How a store grows: patients with arrays up to 20,000, rows of tables up to 1,044,191.

    python benchmarks/scale.py FOLDER --sizes 1000 2000 5000 10000 20000 --rows 10000 100000 1044191

Everything measured is kept in FOLDER/scale.json with the load of the machine, so that a run that
was stopped goes on; `--figure` and the table on stdout are made of that file alone.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from grown_store import drafts, grow, make_patients
from scale_notes import Notes

SIZES = (1_000, 2_000, 5_000, 10_000, 20_000)
ROWS = (10_000, 30_000, 100_000, 300_000, 1_044_191)
FROZEN = (100, 300, 1_000, 3_000)


def main() -> int:
    """Parse the command line, grow and measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="a folder of some GB; it is kept")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="patients")
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS, help="series of the IDC index")
    parser.add_argument("--freeze", type=int, nargs="*", default=FROZEN, help="patients of cohorts")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--sweep-most", type=int, default=20_000, metavar="N",
        help="compact stores of up to N patients (it looks at each repository)",
    )  # fmt: skip
    parser.add_argument("--figure", type=Path, help="write the curves as SVG or PNG")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    notes = Notes(asked.folder / "scale.json")
    for rows in sorted(asked.rows):
        if not notes.has("series", rows):
            made = apart(make_series, asked.folder / "series", rows)
            notes.add("series", rows, made | apart(series_point, asked.folder / "series", rows))
    for size in sorted(asked.sizes):
        if notes.has("patients", size):
            continue
        made = apart(grow, asked.folder / "patients", size, asked.workers)
        found = apart(patients_point, asked.folder / "patients" / "store", size, asked.sweep_most)
        notes.add("patients", size, {**made, **found})
    for size in sorted(asked.freeze):
        if not notes.has("frozen patients", size):
            place = asked.folder / "patients" / "store"
            notes.add("frozen patients", size, apart(freeze_point, place, size))
    sys.stdout.write(notes.markdown())
    if asked.figure:
        from scale_figure import scale_figure

        scale_figure(notes.document, asked.figure)
    return 0


def apart(step: Callable[..., dict[str, float]], *words: Any) -> dict[str, float]:
    """Do a step in a fresh process: its memory is its own, its caches are cold."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(step, *words).result()


_QUERY = (
    "select p.patient from patients p join facts a on a.patient = p.patient and a.name = 'age' "
    "join facts s on s.patient = p.patient and s.name = 'stage' join items i on "
    "i.patient = p.patient and i.modality = 'SEG' where try_cast(a.value as double) > 60 and "
    "s.value = 'III'"
)


def patients_point(place: Path, size: int, sweep_most: int) -> dict[str, float]:
    """Measure a store of patients with arrays."""
    import numpy as np

    from explorer.compact import compact
    from explorer.store import Store

    values = np.load(place.parent / "voxels.npy", mmap_mode="r")
    labels = [f"P{n:06d}" for n in np.random.default_rng(0).choice(size, 25, replace=False)]

    def first(n: int) -> Any:
        return Store(place)[labels[n]]

    def commit_facts(n: int) -> None:
        store = Store(place)
        with store.transaction("more") as t:
            t.add_facts(store[labels[n]].key, [{"name": f"again {size}", "value": n}])

    def commit_arrays(n: int) -> None:
        with Store(place).transaction("one more") as t:
            key = t.patient(f"Q{size}-{n}", synthetic=True)
            for draft in drafts(values, n):
                t.put(key, draft, copy=True)

    small = place.parent / "small"
    if not small.exists():
        make_patients(place.parent, [f"P{n:06d}" for n in range(10)], small.name)
    store = Store(place)
    found: dict[str, float] = {}
    first(0).images["CT"].data[0].values, store.sql("select 1")  # what has to be imported
    begin = _rss()
    found["open the store, ms"] = _median(lambda n: Store(place), 15)
    found["count patients, ms"] = _median(lambda n: len(Store(place)), 5)
    found["list names, ms"] = _median(lambda n: Store(place).keys_and_labels(), 5)
    found["open a patient by name, ms"] = _median(lambda n: first(n).images, 15)
    found["first slice of a patient, ms"] = _median(
        lambda n: first(n).images["CT"].data[16].values, 25
    )
    found["cohort query, first, ms"] = _median(lambda n: Store(place).sql(_QUERY), 3)
    store.sql(_QUERY)
    found["cohort query, again, ms"] = _median(lambda n: store.sql(_QUERY), 5)
    found["cohort of all, ms"] = _median(lambda n: Store(place).cohort().digest, 3)
    found["memory after the queries, MB"] = _rss() - begin
    found["commit of a fact, ms"] = _median(commit_facts, 11)
    found |= _in_a_small_store(small, size)
    found["commit of a new patient with arrays, ms"] = _median(commit_arrays, 11)
    began = time.perf_counter()
    found |= _on_disk(place, size)
    found["walk its files, s"] = time.perf_counter() - began
    if size <= sweep_most:
        began = time.perf_counter()
        compact(Store(place))
        found["compact, s"] = time.perf_counter() - began
    return found


def freeze_point(place: Path, size: int) -> dict[str, float]:
    """Freeze that many patients of the largest store, then open and prove it."""
    from explorer.store import Store

    cohort = Store(place).cohort().among(f"P{n:06d}" for n in range(size))
    begin, began = _rss(), time.perf_counter()
    cohort.freeze(f"{size} at {time.time_ns()}")
    froze, names = time.perf_counter() - began, Store(place).cohorts()
    began = time.perf_counter()
    frozen = Store(place).cohort(names[-1].name)
    versions = frozen.versions
    opened = time.perf_counter() - began
    if versions != cohort.versions:
        raise ValueError("the frozen cohort is another one")
    began = time.perf_counter()
    frozen.verify()
    return {
        "freeze, s": froze, "freeze, ms a patient": froze / size * 1000,
        "open it, ms": opened * 1000,
        "verify, s": time.perf_counter() - began, "memory, MB": _rss() - begin,
    }  # fmt: skip


def _in_a_small_store(place: Path, size: int) -> dict[str, float]:
    """The same in a store of ten patients, at the same time: what the machine's load does."""
    from explorer.store import Store

    def commit(n: int) -> None:
        store = Store(place)
        with store.transaction("more") as t:
            t.add_facts(store[f"P{n % 10:06d}"].key, [{"name": f"again {size} {n}", "value": n}])

    def read(n: int) -> Any:
        return Store(place)[f"P{n % 10:06d}"].images["CT"].data[16].values

    return {
        "10 patients: first slice, ms": _median(read, 25),
        "10 patients: cohort query, first, ms": _median(lambda n: Store(place).sql(_QUERY), 3),
        "10 patients: commit of a fact, ms": _median(commit, 11),
    }


def _on_disk(place: Path, size: int) -> dict[str, float]:
    files, total, tables = 0, 0, 0
    for folder, _, names in os.walk(place):
        bytes_here = sum(os.lstat(os.path.join(folder, name)).st_size for name in names)  # noqa: PTH118 - a million files
        files, total = files + len(names), total + bytes_here
        tables += bytes_here if f"{place}/tables" in folder else 0
    return {
        "files a patient": files / size,
        "kB a patient": total / size / 1000,
        "tables, MB": tables / 1e6,
    }


def make_series(folder: Path, rows: int) -> dict[str, float]:
    """Write a store whose items are so many series of the public index, no arrays."""
    import idc_index_data

    from million_items import write_items

    place = folder / f"store-{rows}"
    shutil.rmtree(place, ignore_errors=True)
    began = time.perf_counter()
    write_items(Path(idc_index_data.IDC_INDEX_PARQUET_FILEPATH), place, rows)
    return {"written, s": time.perf_counter() - began}


def series_point(folder: Path, rows: int) -> dict[str, float]:
    """Measure it."""
    from explorer.store import Store
    from million_items import COHORT, FACETS

    cohort, facets = COHORT.format("items"), FACETS.format("items")
    place = folder / f"store-{rows}"
    found: dict[str, float] = {}
    store = Store(place)
    store.sql("select 1")  # what has to be imported
    begin = _rss()
    labels = list(store.keys_and_labels().values())
    found["patients"] = float(len(labels))
    found["cohort query, first, ms"] = _median(lambda n: Store(place).sql(cohort), 5)
    store.sql(cohort)
    found["cohort query, again, ms"] = _median(lambda n: store.sql(cohort), 5)
    found["facets, first, ms"] = _median(lambda n: Store(place).sql(facets), 5)
    store.sql(facets)
    found["facets, again, ms"] = _median(lambda n: store.sql(facets), 5)
    found["one patient's items, ms"] = _median(
        lambda n: Store(place)[labels[n * 37 % len(labels)]].rows("items"), 11
    )
    found["list names, ms"] = _median(lambda n: Store(place).keys_and_labels(), 3)
    found["cohort of all, ms"] = _median(lambda n: Store(place).cohort().digest, 3)

    def one(n: int) -> None:
        with Store(place).transaction("more") as t:
            t.add_facts(t.patient(f"scale {rows} {n}"), [{"name": "age", "value": n}])

    found["commit of a new patient's fact, ms"] = _median(one, 11)
    found["memory, MB"] = _rss() - begin
    found["tables, MB"] = _on_disk(place, 1)["tables, MB"]
    return found


def _median(call: Callable[[int], Any], times: int) -> float:
    taken = []
    for number in range(times):
        began = time.perf_counter()
        call(number)
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)[times // 2]


def _rss() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


if __name__ == "__main__":
    sys.exit(main())
