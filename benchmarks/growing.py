"""One more patient, committed and visible, in stores of 10, 1,000 and 10,000."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import numpy as np
from table import Line, share

import explorer
from explorer.draft import ImageDraft
from explorer.store import Store

SIZES = (10, 1_000, 10_000)
REPEATS = 15


def _image(rng: np.random.Generator) -> ImageDraft:
    voxels = rng.integers(0, 4000, (16, 64, 64)).astype(np.uint16)
    return ImageDraft(
        "ct-00000000", "CT", "synthetic", ("z", "y", "x"), voxels.shape, voxels.dtype, np.eye(4),
        lambda: voxels, [], units="HU", acquired="2000-01-01", synthetic=True,
    )  # fmt: skip


def _one_more(store: Store, name: str, image: ImageDraft) -> None:
    with store.transaction("one more") as t:
        key = t.patient(name, "benchmark")
        t.put(key, image)
        t.add_facts(key, [{"name": "stage", "value": "III"}])
    if store[name].images["CT"].shape != image.shape:
        raise SystemExit("the patient is not visible")


def growing(scratch: Path, single: int = 0) -> tuple[list[Line], list[str]]:
    """Compare the time of a small commit in stores of growing size.

    Parameters
    ----------
    scratch : pathlib.Path
    single : int
        How many of the patients before it come by a commit each; the rest in one.
    """
    rng = np.random.default_rng(0)
    image = _image(rng)
    times: dict[int, list[float]] = {}
    stores = {}
    for size in SIZES:
        store = explorer.open(scratch / f"grow-{size}.onco", create=True)
        alone = min(single, size)
        with store.transaction("many") as t:
            for key in t.patients((f"B{i}" for i in range(size - alone)), "benchmark").values():
                t.add_facts(key, [{"name": f"f{i}", "value": i} for i in range(20)])
        for number in range(alone):
            _one_more(store, f"S{number}", image)
        stores[size], times[size] = store, []
    for number in range(REPEATS + 1):
        for size, store in stores.items():
            start = time.perf_counter()
            _one_more(store, f"P{number}", image)
            if number:
                times[size].append(time.perf_counter() - start)
    base = median(times[SIZES[0]])
    lines = [
        share(
            f"one more patient among {size:,}",
            f"{median(times[size]) * 1e3:.1f} ms", f"{base * 1e3:.1f} ms among {SIZES[0]}",
            median(times[size]) / base, 2,
        )
        for size in SIZES[1:]
    ]  # fmt: skip
    how = f"up to {single:,} of them committed singly, the rest in one commit"
    return lines, [f"Patients of the growing stores are synthetic; {how}."]
