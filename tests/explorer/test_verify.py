"""Verify names the patient and the file of whatever is no longer what it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.verify import verify


@pytest.fixture
def anna(put: Callable[..., Any], drafts: Any) -> explorer.Patient:
    """A patient by reference."""
    return put("Anna", drafts.image())


def _source(patient: explorer.Patient) -> Path:
    return Path(patient.images["CT"].sources()[0]["uri"])


def test_nothing_is_wrong(anna: explorer.Patient, put: Callable[..., Any], drafts: Any) -> None:
    put("Berta", drafts.image(np.zeros((3, 65, 65), np.int16), file="b.raw"), copy=True)
    put("Berta", drafts.segmentation({"dot": np.ones((3, 65, 65), bool)}))
    done = verify(anna.store)
    assert done.ok
    assert done.faults == []
    # two slices by reference, four chunks of the copy, four of the masks
    assert (done.patients, done.items, done.references, done.chunks) == (2, 3, 1, 10)


def test_a_changed_source(anna: explorer.Patient) -> None:
    path = _source(anna)
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    done = verify(anna.store)
    assert not done.ok
    fault = done.faults[0]
    assert (fault["patient"], fault["item"], fault["file"]) == ("Anna", "ct-00000001", str(path))
    assert fault["found"] == "the source file was changed"
    assert "ingest its folder again" in fault["do"]


def test_a_changed_source_whose_time_was_put_back(anna: explorer.Patient) -> None:
    path = _source(anna)
    about = path.stat()
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    # reading cannot tell; that is what the hash is for
    assert anna.images["CT"].data.values.shape == (2, 3, 4)
    (fault,) = verify(anna.store).faults
    assert (fault["patient"], fault["file"]) == ("Anna", str(path))
    assert fault["found"] == "the source file was changed"


def test_a_source_that_was_only_touched_cannot_be_read(anna: explorer.Patient) -> None:
    path = _source(anna)
    os.utime(path, (path.stat().st_mtime + 60,) * 2)
    (fault,) = verify(anna.store).faults
    assert (fault["patient"], fault["item"]) == ("Anna", "ct-00000001")
    assert "cannot be read" in fault["found"]
    assert fault["file"] == str(path)


def test_a_deleted_source(anna: explorer.Patient) -> None:
    path = _source(anna)
    path.unlink()
    faults = verify(anna.store).faults
    assert faults[0]["found"] == "the source file is gone"
    assert {(fault["patient"], fault["file"]) for fault in faults} == {("Anna", str(path))}


def test_a_corrupted_chunk(put: Callable[..., Any], drafts: Any) -> None:
    noise = np.random.default_rng(0).integers(0, 9999, (64, 64, 64)).astype(np.int16)
    anna = put("Anna", drafts.image(noise), copy=True)
    chunks = sorted((anna.store.path / "patients" / anna.key / "chunks").rglob("*"))
    largest = max((path for path in chunks if path.is_file()), key=lambda p: p.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.write_bytes(data)
    (fault,) = verify(explorer.open(anna.store.path)).faults
    assert (fault["patient"], fault["item"]) == ("Anna", "ct-00000001")
    assert "cannot be read" in fault["found"]
    assert str(anna.store.path / "patients" / anna.key) in fault["file"]


def test_a_chunk_that_is_gone(put: Callable[..., Any], drafts: Any) -> None:
    noise = np.random.default_rng(0).integers(0, 9999, (64, 64, 64)).astype(np.int16)
    anna = put("Anna", drafts.image(noise), copy=True)
    for path in (anna.store.path / "patients" / anna.key / "chunks").rglob("*"):
        if path.is_file():
            path.unlink()
    (fault,) = verify(explorer.open(anna.store.path)).faults
    assert (fault["patient"], fault["item"]) == ("Anna", "ct-00000001")


def test_one_patient_alone(anna: explorer.Patient, put: Callable[..., Any], drafts: Any) -> None:
    put("Berta", drafts.image(file="b.raw"))
    _source(anna).unlink()
    assert verify(anna.store, "Berta").ok
    assert not verify(anna.store, "Anna").ok
    assert verify(anna.store, "Berta").patients == 1


def test_the_other_patients_are_still_checked(
    anna: explorer.Patient, put: Callable[..., Any], drafts: Any
) -> None:
    berta = put("Berta", drafts.image(file="b.raw"))
    for patient in (anna, berta):
        _source(patient).unlink()
    assert {fault["patient"] for fault in verify(anna.store).faults} == {"Anna", "Berta"}
