"""One more patient, committed and visible, in stores of 10, 1,000 and 10,000 patients."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import ImageDraft
from explorer.store import Store
from table import Row, medians

SIZES = (10, 1_000, 10_000)
_FACTS = 10


def one_more_patient(
    values: NDArray[np.int16], place: Path, repeat: int, singly: int = 0
) -> list[Row]:
    """Commit a patient with a small image and ten facts, then find it in the store opened anew.

    The patients that are there were made by transactions of 1,000 (ten facts each); with
    `singly`, a further store's by so many commits of one patient each.
    """
    stores = {f"{size:,}": _bulk(place / f"bulk-{size}", size) for size in SIZES}
    if singly:
        stores[f"{singly:,} by single commits"] = _single(place / "single", singly)
    numbers = itertools.count()

    def add(path: Path) -> Callable[[], Any]:
        def call() -> None:
            label = f"MORE-{next(numbers)}"
            _commit(Store(path), label, values)
            if Store(path)[label].images["ct-small"].shape != values.shape:
                raise ValueError("not there")

        return call

    times = medians({name: add(path) for name, path in stores.items()}, repeat)
    first = times[f"{SIZES[0]:,}"]
    return [
        Row(
            "one more patient committed and visible", f"store of {name} patients", took,
            f"store of {SIZES[0]} patients", first, "ms", first / took, "<= 2x the time",
            took <= 2 * first,
        )
        for name, took in times.items()
        if name != f"{SIZES[0]:,}"
    ]  # fmt: skip


def _facts(number: int) -> list[dict[str, Any]]:
    return [{"name": f"measure {n}", "value": number * n, "unit": "mm"} for n in range(_FACTS)]


def _bulk(path: Path, size: int) -> Path:
    store = Store.create(path)
    for start in range(0, size, 1_000):
        with store.transaction("many patients") as t:
            labels = [f"P{n}" for n in range(start, min(size, start + 1_000))]
            for number, key in enumerate(t.patients(labels).values()):
                t.add_facts(key, _facts(number))
    return path


def _single(path: Path, size: int) -> Path:
    store = Store.create(path)
    for number in range(size):
        with store.transaction("one patient") as t:
            t.add_facts(t.patient(f"P{number}"), _facts(number))
    return path


def _commit(store: Store, label: str, values: NDArray[np.int16]) -> None:
    with store.transaction("one more") as t:
        key = t.patient(label)
        t.add_facts(key, _facts(1))
        draft = ImageDraft(
            "ct-small", "CT", "part of a CT", ("z", "y", "x"), values.shape, values.dtype,
            np.eye(4), lambda: values, [], units="HU",
        )  # fmt: skip
        t.put(key, draft)
