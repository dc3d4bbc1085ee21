"""A store of made-up patients, each with a repository of an image and a mask."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

_A_TIME = 100


def grow(folder: Path, size: int, workers: int) -> dict[str, float]:
    """Bring a store to `size` patients, each with a repository of an image and a mask.

    The voxels are cut from a bundled patient's CT; the patients are made up, and flagged.
    """
    from explorer.store import Store

    folder.mkdir(parents=True, exist_ok=True)
    voxels = folder / "voxels.npy"
    if not voxels.exists():
        _voxels(folder, voxels)
    store = Store.create(folder / "store")
    there = set(store.keys_and_labels().values())
    wanted = [label for label in map("P{:06d}".format, range(size)) if label not in there]
    parts = [wanted[n : n + _A_TIME] for n in range(0, len(wanted), _A_TIME)]
    began = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for _ in pool.map(make_patients, [folder] * len(parts), parts):
            pass
    took = (time.perf_counter() - began) * 1000
    return {"made, ms a patient": took / len(wanted)} if wanted else {}


def _voxels(folder: Path, target: Path) -> None:
    import numpy as np

    from explorer.ingest import ingest
    from explorer.sample import unpack_samples
    from explorer.store import Store

    some = next(f for f in unpack_samples(folder / "files") if f.name == "STS_002")
    ingest(some, folder / "sample")
    patient = next(iter(Store(folder / "sample").values()))
    np.save(target, patient.images["CT"].data.values)


def make_patients(folder: Path, labels: list[str], name: str = "store") -> None:
    """Some patients in one transaction; a repository each."""
    import numpy as np

    from explorer.store import Store

    values = np.load(folder / "voxels.npy", mmap_mode="r")
    with Store.create(folder / name).transaction("scale") as t:
        for label, key in t.patients(labels).items():
            number = int(label[1:])
            for draft in drafts(values, number):
                t.put(key, draft, copy=True)
            t.add_facts(key, _facts(number))
            t.set_attributes(key, synthetic=True, sex="MF"[number % 2])


def _facts(number: int) -> list[dict[str, Any]]:
    stage = ("I", "II", "III", "IV")[number * 7 % 4]
    course = [{"name": f"marker {n}", "value": (number * n) % 97, "unit": "U/mL"} for n in range(8)]
    age = 30 + number * 13 % 60
    return [{"name": "age", "value": age}, {"name": "stage", "value": stage}, *course]


def drafts(values: Any, number: int) -> list[Any]:
    """An image cut from those voxels, and its mask; the number says where."""
    import numpy as np

    from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft

    steps = zip((3, 17, 29), values.shape, strict=True)
    corner = [number * step % (have - 32) for step, have in steps]
    part = np.ascontiguousarray(values[tuple(slice(at, at + 32) for at in corner)])
    shared: dict[str, Any] = {
        "affine": np.diag([1.0, 1.0, 3.0, 1.0]), "shape": part.shape, "sources": [],
        "synthetic": True,
    }  # fmt: skip
    image = ImageDraft(
        item="ct-00000001", modality="CT", name="cut from a CT", dims=("z", "y", "x"),
        dtype=part.dtype, load=lambda: part, units="HU", **shared,
    )  # fmt: skip
    mask = SegmentationDraft(
        item="seg-00000001", modality="SEG", name="soft tissue", image=image.item,
        segments=[SegmentDraft(1, "soft tissue")], load=lambda _: part > 0, **shared,
    )  # fmt: skip
    return [image, mask]
