"""Real patients to ingest, processes to kill, and what a person can see of a store."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import MRImageStorage, generate_uid

from explorer.errors import SourceChangedError
from explorer.layout import RECORDS
from explorer.patient import Patient
from explorer.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]
DRIVERS = Path(__file__).parent / "drivers"

State = dict[str, Any]


def digest(values: Any) -> str:
    array = np.ascontiguousarray(values)
    return hashlib.sha256(str((array.shape, array.dtype)).encode() + array.tobytes()).hexdigest()


def _values(read: Callable[[], Any]) -> str:
    try:
        return digest(read())
    except SourceChangedError:
        return "source changed"


def state_of(patient: Patient) -> State:
    """All that can be seen of a patient, but for the random names and the version."""
    hidden = ("patient", "commit", "issuer")
    state: State = {}
    for table in RECORDS:
        rows = [{k: v for k, v in row.items() if k not in hidden} for row in patient.rows(table)]
        state[table] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    state["voxels"] = {
        item: _values(lambda image=image: image.data.values)  # type: ignore[misc]
        for item, image in patient.images.items()
    }
    state["masks"] = {
        item: [_values(lambda s=seg, n=name: s.mask(n).values) for name in seg.labels]  # type: ignore[misc]
        for item, seg in patient.segmentations.items()
    }
    return state


@pytest.fixture(scope="session")
def states() -> Callable[[Path], dict[str, State]]:
    """Every visible patient of a store, by label."""

    def read(path: Path) -> dict[str, State]:
        if not (path / "oncograph.json").exists():
            return {}
        store = Store(path)
        labels = store.keys_and_labels()
        assert len(set(labels.values())) == len(labels), f"a patient twice: {labels}"
        return {label: state_of(store[key]) for key, label in labels.items()}

    return read


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start a driver in a session (process group) of its own."""

    def run(driver: str, **order: Any) -> subprocess.Popen[str]:
        command = [sys.executable, str(DRIVERS / driver), json.dumps(order, default=str)]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def finish() -> Callable[[subprocess.Popen[str]], list[dict[str, Any]]]:
    """Wait for a driver to end well; the lines that it said."""

    def wait(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err[-3000:]
        return [json.loads(line) for line in out.splitlines()]

    return wait


def unpack(names: Iterable[str], folder: Path) -> None:
    """Unpack bundled sample patients."""
    for name in names:
        with zipfile.ZipFile(REPOSITORY / "notebooks" / "data" / f"{name}.zip") as archive:
            archive.extractall(folder)


def as_another(source: Path, target: Path, identifier: str) -> None:
    """Copy a patient's DICOM files under another PatientID, every UID made anew alike.

    The pixels and masks stay the real ones; a value in a corner of each slice is set apart, so
    that no two of these (synthetic) patients are equal.
    """
    target.mkdir(parents=True)
    for file in sorted(source.rglob("*.dcm")):
        dataset = pydicom.dcmread(file)
        dataset.PatientID = identifier

        def anew(_: Any, element: Any) -> None:
            if element.VR == "UI" and not str(element.value).startswith("1.2.840.10008."):
                element.value = generate_uid(entropy_srcs=[f"{identifier} {element.value}"])

        dataset.walk(anew)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        if dataset.SOPClassUID == MRImageStorage:
            pixels = bytearray(dataset.PixelData)
            pixels[0] = int(identifier.rpartition("-")[2]) % 256
            dataset.PixelData = bytes(pixels)
        dataset.save_as(target / f"{file.parent.name}-{file.name}")


@pytest.fixture(scope="session")
def small_patients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve small patients, made from a real prostate MR series with its segmentation."""
    seed, folder = (tmp_path_factory.mktemp(name) for name in ("seed", "small"))
    unpack(["PCAMPMRI-00001"], seed)
    for number in range(12):
        as_another(seed, folder / f"small-{number:02}", f"SMALL-{number:02}")
    return folder


@pytest.fixture(scope="session")
def cohort(small_patients: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a folder of patients: bundled real ones, and some of the small ones."""

    def make(name: str, real: Iterable[str], small: int) -> Path:
        folder = tmp_path_factory.mktemp(name)
        unpack(real, folder)
        for place in sorted(small_patients.iterdir())[:small]:
            shutil.copytree(place, folder / place.name)
        return folder

    return make
