"""Handles in other processes: they reopen at their version, and carry no credentials."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.errors import NotFoundError
from explorer.ingest import ingest
from explorer.store import Store

BUNDLED = Path(__file__).resolve().parents[2] / "notebooks" / "data"


@pytest.fixture(params=["local", "S3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store with one real patient: MR with a segmentation."""
    place = request.getfixturevalue("s3") if request.param == "S3" else str(tmp_path / "store")
    with zipfile.ZipFile(BUNDLED / "PCAMPMRI-00001.zip") as archive:
        archive.extractall(tmp_path / "files")
    ingest(tmp_path / "files", place, issuer="proof", copy=True)
    return explorer.open(place)


def look(handle: Any) -> Any:
    """What a worker sees of a handle."""
    if isinstance(handle, Store):
        return sorted(handle.keys_and_labels().items())
    if isinstance(handle, explorer.Patient):
        return (handle.key, handle.version, sorted(handle.images), len(handle.facts))
    if isinstance(handle, explorer.Image):
        return (handle.id, handle.patient.version, float(handle.data.mean()))
    if isinstance(handle, explorer.Segmentation):
        return (handle.id, [int(handle.mask(name).sum()) for name in handle.labels])
    return (handle.dims, float(handle.mean()))


def handles(store: Store) -> list[Any]:
    patient = next(iter(store.values()))
    image = next(iter(patient.images.values()))
    masks = next(iter(patient.segmentations.values()))
    return [store, patient, image, masks, image.data, image.data[0], masks.mask(masks.labels[0])]


@pytest.mark.slow
def test_handles_reopen_in_a_spawned_process_at_their_version(store: Store) -> None:
    made = handles(store)
    expected = [look(handle) for handle in made]
    key = made[1].key
    with store.transaction("something newer") as t:
        t.add_facts(key, [{"name": "fact", "value": 1}])
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(look, made) == expected
        assert pool.apply(look, (store[made[1].key],))[1] == made[1].version + 1
    again = pickle.loads(pickle.dumps(made[2]))
    assert np.array_equal(again.data.values, made[2].data.values)
    assert again.address == made[2].address


@pytest.mark.slow
def test_handles_carry_no_credentials(store: Store) -> None:
    secrets = [os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    canaries = [secret for secret in secrets if secret and "canary" in secret.lower()]
    assert store.place.local or len(canaries) == 2
    stored = handles(store)[2].stored
    for handle in [*handles(store), store.place, store.records.place, stored]:
        for canary in canaries:
            assert canary.encode() not in pickle.dumps(handle), type(handle)
            assert canary not in repr(handle)
            assert canary not in str(vars(handle) if hasattr(handle, "__dict__") else handle)


def test_a_version_that_is_gone_is_said(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "store", create=True)
    with store.transaction("begin") as t:
        t.patient("P")
    sent = pickle.dumps(store["P"])
    store.records.dataset("patients").delete("true")
    with pytest.raises(NotFoundError, match="Version 1 is no longer there"):
        pickle.loads(sent)


FORK = """
import os, sys
import explorer
store = explorer.open(sys.argv[1])
patient = next(iter(store.values()))
image = next(iter(patient.images.values()))
data = image.data
uses = {
    "patient": lambda: store[patient.key],
    "new handle": lambda: explorer.open(sys.argv[1]),
    "array": lambda: data.values,
    "place": lambda: store.place.children(),
    "write": lambda: store.transaction("no").hold(patient.key, 1),
}
for name, use in uses.items():
    child = os.fork()
    if child == 0:
        try:
            use()
            print(name, "| worked", flush=True)
        except explorer.OncographError as error:
            print(name, "|", error, flush=True)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_is_refused_with_the_reason(store: Store) -> None:
    if store.place.local:
        pytest.skip("tests/explorer/test_fork.py has the local store")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, store.url],
        capture_output=True, text=True, timeout=800, check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert len(lines) == 5, done.stderr[-2000:]
    for line in lines:
        assert "forked" in line, line
        assert "spawn" in line, line
