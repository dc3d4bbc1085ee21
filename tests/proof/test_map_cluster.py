"""A map on Dask's workers, and on a store on S3 that two processes write to at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster

from explorer.ingest import ingest
from explorer.join import join
from explorer.mapping.made import Mask
from explorer.materialize import materialize
from explorer.pack import pack
from explorer.relink import relink
from explorer.store import Store, open_store
from explorer.unjoin import unjoin
from explorer.unpack_patient import unpack_patient
from explorer.verify import verify

BUNDLED = Path(__file__).resolve().parents[2] / "notebooks" / "data"
REAL = ["PCAMPMRI-00001", "UPENN-GBM-00002", "pyradiomics-brain1"]


def bright(image: Any) -> Mask:
    values = image.data.values
    return Mask(values > np.percentile(values, 99), "brightest hundredth")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for name in REAL:
        with zipfile.ZipFile(BUNDLED / f"{name}.zip") as archive:
            archive.extractall(folder / name)
    return folder


def held(store: Store) -> list[tuple[str, int]]:
    """What the map made, whoever computed it."""
    return sorted(
        (patient.label, int(seg.mask("brightest hundredth").sum()))
        for patient in store.values()
        for seg in patient.segmentations.values()
        if "derived" in seg.meta
    )


@pytest.mark.slow
def test_two_workers_give_what_one_process_gives_though_one_is_killed(
    sources: Path, tmp_path: Path
) -> None:
    alone = open_store(tmp_path / "alone", create=True)
    ingest(sources, alone, issuer="proof")
    assert alone.cohort().map(bright, kind="images").ok
    expected = held(alone)
    assert len(expected) >= 3
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster, Client(cluster, set_as_default=False) as client:  # fmt: skip
        store = open_store(tmp_path / "store", create=True)
        ingest(sources, store, issuer="proof", scheduler=cluster.scheduler_address)
        dies = tmp_path / "died"

        def deadly(image: Any) -> Mask:  # goes by value: it is defined in here
            if not dies.exists():
                dies.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return bright(image)

        result = store.cohort().map(deadly, kind="images", scheduler=client)
        assert dies.exists()
        assert result.ok, result.failures
        assert held(store) == expected
        again = store.cohort().map(deadly, kind="images", scheduler=cluster)
        assert again.counts == {"made": 0, "unchanged": len(result), "refused": 0}
    assert verify(store).ok


_WRITER = """
import sys
sys.path.insert(0, {folder!r})
from test_map_cluster import bright
from explorer.ingest import ingest
from explorer.store import Store
if __name__ == "__main__":
    ingest({sources!r}, {url!r}, issuer="proof")
    result = Store({url!r}).cohort().map(bright, kind="images", name="bright")
    print(result, list(result.failures["reason"]))
    sys.exit(not result.ok)
"""


@pytest.mark.slow
def test_two_processes_ingest_and_map_into_one_store_on_s3(
    s3: str, sources: Path, tmp_path: Path
) -> None:
    Store.create(s3)
    # one patient is met by both, the others by one each
    folders = [[str(sources / REAL[0]), str(sources / name)] for name in REAL[1:]]
    writers = []
    for number, theirs in enumerate(folders):
        script = tmp_path / f"writer{number}.py"
        folder = str(Path(__file__).parent)
        script.write_text(_WRITER.format(folder=folder, sources=theirs, url=s3))
        writers.append(
            subprocess.Popen(
                [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        )
    froze: list[int] = []

    def freeze() -> None:
        while any(writer.poll() is None for writer in writers) and not froze:
            cohort = Store(s3).cohort()
            if len(cohort):
                froze.append(len(cohort.freeze("meanwhile")))
            time.sleep(0.2)

    thread = threading.Thread(target=freeze)
    thread.start()
    said = [writer.communicate(timeout=800) for writer in writers]
    thread.join()
    for writer, (out, err) in zip(writers, said, strict=True):
        assert writer.returncode == 0, (out, err[-2000:])
    store = Store(s3)
    assert len(store) == 3
    assert store.cohort().map(bright, kind="images", name="bright").ok
    alone = open_store(tmp_path / "alone", create=True)
    ingest(sources, alone, issuer="proof", copy=True)
    alone.cohort().map(bright, kind="images", name="bright")
    assert held(store) == held(alone)
    for patient in store.values():
        assert list(patient.history()["version"]) == list(range(patient.version, 0, -1))
        runs = [row["run"] for row in patient.rows("runs") if row["current"]]
        assert len(runs) == len(set(runs))
    assert verify(store).ok
    if froze:
        assert store.cohort("meanwhile").verify().ok


@pytest.mark.slow
def test_what_local_stores_do_a_store_on_s3_does(s3: str, sources: Path, tmp_path: Path) -> None:
    store = open_store(s3, create=True)
    ingest(sources, store, issuer="proof")
    assert materialize(store).items == 0  # all is copied there
    assert relink(store, sources, sources).items == 0
    labels = sorted(store)
    before = {label: sorted(store[label].images) for label in labels}
    join(store, labels[0], into=labels[1], reason="proof")
    assert len(store) == 2
    joined = store[labels[1]]
    assert len(joined.images) == len(before[labels[0]]) + len(before[labels[1]])
    unjoin(store, labels[0], reason="proof")
    assert {label: sorted(store[label].images) for label in sorted(store)} == before
    file = tmp_path / "one.onco.zip"
    pack(store, labels[2], file)
    other = open_store(f"{s3}-other", create=True)
    unpack_patient(file, other)
    (copy,) = other.values()
    assert sorted(copy.images) == before[labels[2]]
    for name, image in copy.images.items():
        np.testing.assert_array_equal(image.data.values, store[labels[2]].images[name].data.values)
    assert verify(store).ok
    assert verify(other).ok
