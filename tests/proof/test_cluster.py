"""Ingest on a Dask cluster: a real scheduler, two workers in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client, WorkerPlugin

from explorer.errors import StoreError
from explorer.ingest import ingest
from explorer.layout import MARKER
from explorer.place import Place
from explorer.store import Store, open_store
from explorer.verify import verify

Read = Callable[[Any], dict[str, dict[str, Any]]]
REAL = ["PCAMPMRI-00001", "STS_002", "UPENN-GBM-00002", "pyradiomics-brain1"]


def dask(*words: str, env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    command = [str(Path(sys.executable).parent / "dask"), *words]
    with log.open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, env=env, cwd=log.parent)


@pytest.fixture(scope="module")
def scheduler(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a scheduler with two workers, which can reach the S3 server if there is one."""
    env = dict(os.environ)
    with suppress(pytest.skip.Exception):
        env |= request.getfixturevalue("s3_server")
    env["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1"
    folder = tmp_path_factory.mktemp("dask")
    about = folder / "scheduler.json"
    with ExitStack() as started:

        def start(name: str, *words: str) -> None:
            process = dask(*words, env=env, log=folder / f"{name}.log")
            started.callback(_end, process)

        start("scheduler", "scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard",
              f"--scheduler-file={about}")  # fmt: skip
        address = _address(about)
        for number in range(2):
            start(f"worker-{number}", "worker", address, "--nthreads=1", "--no-dashboard",
                  "--host=127.0.0.1", f"--local-directory={folder}")  # fmt: skip
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=300)
        yield address


def _address(about: Path) -> str:
    """Wait until the scheduler has written all of where it is."""
    for _ in range(1200):
        with suppress(FileNotFoundError, json.JSONDecodeError):
            found: str = json.loads(about.read_text())["address"]
            return found
        time.sleep(0.25)
    raise AssertionError((about.parent / "scheduler.log").read_text("utf-8", "replace")[-2000:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started (a worker's nanny starts the worker)."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for one in family:
        with suppress(psutil.NoSuchProcess):  # a worker ends by itself when its nanny has gone
            one.kill()
    process.wait()
    psutil.wait_procs(family, timeout=10)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four bundled patients; one of them as the archive that it comes in."""
    folder = tmp_path_factory.mktemp("sources")
    bundled = Path(__file__).resolve().parents[2] / "notebooks" / "data"
    for name in REAL[:-1]:
        with zipfile.ZipFile(bundled / f"{name}.zip") as archive:
            archive.extractall(folder)
    shutil.copy(bundled / f"{REAL[-1]}.zip", folder)
    return folder


def seen(frame: Any) -> Any:
    return sorted((Path(r["path"]).name, r["status"], r["reason"], r["patient"]) for r in frame)


@pytest.mark.slow
def test_two_workers_give_what_one_process_gives(
    scheduler: str, sources: Path, tmp_path: Path, states: Read
) -> None:
    alone = ingest(sources, tmp_path / "alone", issuer="proof")
    result = ingest(sources, tmp_path / "cluster", issuer="proof", scheduler=scheduler)
    assert seen(result.files) == seen(alone.files)
    assert len(result.patients) == 4
    found = states(tmp_path / "cluster")
    for label, state in states(tmp_path / "alone").items():
        assert found[label] == state
    assert verify(Store(tmp_path / "cluster")).ok
    assert not any((tmp_path / "cluster" / "scratch").iterdir())
    again = ingest(sources, tmp_path / "cluster", issuer="proof", scheduler=scheduler)
    assert not again.changed


@pytest.mark.slow
def test_two_workers_write_to_s3(
    scheduler: str, s3: str, sources: Path, tmp_path: Path, states: Read
) -> None:
    result = ingest(sources, s3, issuer="proof", scheduler=scheduler)
    assert result.refused == []
    ingest(sources, tmp_path / "alone", issuer="proof", copy=True)
    assert states(Place.of(s3)) == states(tmp_path / "alone")
    assert verify(Store(s3)).ok


@pytest.mark.slow
def test_a_worker_that_does_not_see_a_source_is_named(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.create(tmp_path / "store")
    from explorer.cluster import Cluster

    with pytest.raises(StoreError, match="does not see the source /nowhere") as caught:
        Cluster(scheduler, store, [Path("/nowhere")])
    assert "tcp://127.0.0.1" in str(caught.value)
    shutil.move(tmp_path / "store", tmp_path / "moved")
    Store.create(tmp_path / "store")
    with pytest.raises(StoreError, match="sees another store"):
        Cluster(scheduler, store, [tmp_path])
    (tmp_path / "store" / MARKER).unlink()
    with pytest.raises(StoreError, match="cannot open the store: No store"):
        Cluster(scheduler, store, [tmp_path])


@pytest.mark.slow
def test_a_patient_that_kills_workers_is_refused_and_the_others_go_in(
    scheduler: str, sources: Path, tmp_path: Path
) -> None:
    once = tmp_path / "died once"

    class Poison(WorkerPlugin):
        """In each worker, the restarted ones too: two patients end the process that takes them."""

        def setup(self, worker: Any) -> None:
            import os
            import signal

            import explorer.cluster

            real = explorer.cluster.ingest_patient

            def deadly(task: Any) -> Any:
                if task.person.identifier == "PCAMPMRI-00001":
                    os.kill(os.getpid(), signal.SIGKILL)
                if task.person.identifier == "STS_002" and not once.exists():
                    once.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(task)

            explorer.cluster.ingest_patient = deadly

    with Client(scheduler, set_as_default=False) as client:
        client.register_plugin(Poison(), name="poison")
        try:
            result = ingest(sources, tmp_path / "store", issuer="proof", scheduler=scheduler)
        finally:
            client.unregister_worker_plugin("poison")
            client.restart(timeout=600)
    assert once.exists()
    assert {row["id"] for row in result.patients} == {"STS_002", "UPENN-GBM-00002", "brain1"}
    assert {row["reason"] for row in result.refused} == {
        "the workers that read the patient's files died, each time it was tried"
    }
    assert verify(Store(tmp_path / "store")).ok
    again = ingest(sources, tmp_path / "store", issuer="proof", scheduler=scheduler)
    assert again.refused == []
    assert len(Store(tmp_path / "store")) == 4


def brightest(image: Any) -> dict[str, float]:
    return {"brightest": float(image.data.values.max())}


@pytest.mark.slow
def test_a_map_on_a_scheduler_elsewhere_keeps_its_results_on_s3(
    scheduler: str, s3: str, sources: Path, tmp_path: Path
) -> None:
    one = sources / f"{REAL[-1]}.zip"
    said = []
    for place, where in ((s3, {"scheduler": scheduler}), (tmp_path / "alone", {})):
        store = open_store(place, create=True)
        ingest(one, store, issuer="proof", copy=True)
        result = store.cohort().map(brightest, kind="images", name="brightest", **where)
        assert result.ok, result.failures
        again = store.cohort().map(brightest, kind="images", name="brightest", **where)
        assert again.counts == {"made": 0, "unchanged": len(result), "refused": 0}
        (patient,) = store.values()
        rows = patient.rows("observations")
        said.append([(row["name"], row["number"]) for row in rows if row["name"] == "brightest"])
    assert said[0] == said[1] != []
