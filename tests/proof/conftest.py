"""Real patients to ingest, processes to kill, and what a person can see of a store."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import MRImageStorage, generate_uid

from explorer.compact import compact
from explorer.errors import SourceChangedError
from explorer.layout import MARKER, PATIENTS, RECORDS, SCRATCH
from explorer.patient import Patient
from explorer.store import Store
from explorer.verify import verify

REPOSITORY = Path(__file__).resolve().parents[2]
DRIVERS = Path(__file__).parent / "drivers"

State = dict[str, Any]
States = dict[str, State]


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


def states_of(path: Path) -> States:
    """Every visible patient of a store, by label."""
    if not (path / "oncograph.json").exists():
        return {}
    store = Store(path)
    labels = store.keys_and_labels()
    assert len(set(labels.values())) == len(labels), f"a patient twice: {labels}"
    return {label: state_of(store[key]) for key, label in labels.items()}


def start_driver(driver: str, **order: Any) -> subprocess.Popen[str]:
    """Start a driver in a session (process group) of its own."""
    command = [sys.executable, str(DRIVERS / driver), json.dumps(order, default=str)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip


def finish_driver(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Wait for a driver to end well; the lines that it said."""
    out, err = process.communicate(timeout=800)
    assert process.returncode == 0, err[-3000:]
    return [json.loads(line) for line in out.splitlines()]


def faults(visible: States, before: States, after: States, acknowledged: set[str]) -> list[str]:
    """What is wrong with the visible patients: the one check, for the store and the control.

    `before` and `after` are what undisturbed runs gave: an acknowledged patient must be as
    after, any other as before, or as after, and nothing in between.
    """
    found = [f"{label}: acknowledged, and gone" for label in acknowledged - set(visible)]
    found += [f"{label}: was there before, and is gone" for label in set(before) - set(visible)]
    for label, state in visible.items():
        allowed = [after[label]]
        if label in before and label not in acknowledged:
            allowed.append(before[label])
        if state not in allowed:
            parts = [name for name in state if state[name] != after[label].get(name)]
            found.append(f"{label}: neither as before nor as after; differs in {parts}")
    return found


@dataclass
class Leg:
    """One kind of run, its driver, and what undisturbed runs of it gave.

    Attributes
    ----------
    base : pathlib.Path or None
        The store that the run starts from; None for a new one.
    before, after : dict
        Patients in `base`, with the sources as they are now, and after the run.
    stale : list
        What `verify` finds in `base` where its sources were changed since.
    seconds, opening_s : float
        How long the run takes when nothing disturbs it, and how long it opens its store.
    """

    sources: Path
    copy: bool
    base: Path | None = None
    workers: int = 1
    before: States = field(default_factory=dict)
    after: States = field(default_factory=dict)
    stale: list[State] = field(default_factory=list)
    seconds: float = 0.0
    opening_s: float = 0.0

    def begin(self, store: Path) -> None:
        shutil.rmtree(store, ignore_errors=True)
        if self.base is not None:
            shutil.copytree(self.base, store)
            Store(store).trust.add([str(self.sources)])  # a copy is a stranger until then

    def start(self, store: Path, **more: Any) -> subprocess.Popen[str]:
        return start_driver(
            "ingest_driver.py", sources=[self.sources], store=store, copy=self.copy,
            workers=self.workers, issuer="proof", **more,
        )  # fmt: skip

    def finish(self, store: Path) -> None:
        finish_driver(self.start(store))

    def undisturbed(self, store: Path) -> None:
        """Run to the end, and learn what is right and how long it takes."""
        self.begin(store)
        self.before = states_of(store)
        self.stale = verify(Store(store)).faults if self.before else []
        process = self.start(store)
        times: dict[str, float] = {}
        assert process.stdout is not None
        for line in process.stdout:
            times.setdefault(json.loads(line).get("at", "acknowledged"), time.perf_counter())
        finish_driver(process)
        self.opening_s = times["store"] - times["ready"]
        self.seconds = times["end"] - times["ready"]
        self.after = states_of(store)
        assert self.after
        assert verify(Store(store)).ok

    def check(self, store: Path, acknowledged: set[str]) -> None:
        """After a kill."""
        visible = states_of(store)
        assert not faults(visible, self.before, self.after, acknowledged)
        if (store / MARKER).exists():
            old = {label for label, state in visible.items() if state != self.after[label]}
            expected = [fault for fault in self.stale if fault["patient"] in old]
            assert [f for f in verify(Store(store)).faults if f not in expected] == []

    def check_end(self, store: Path) -> int:
        """After the last run: all is there, and what is swept was nobody's. Gives the rows."""
        assert states_of(store) == self.after
        opened = Store(store)
        histories = {key: opened[key].history() for key in opened.keys_and_labels()}
        swept = compact(opened, grace_s=0)
        opened = Store(store)
        keys = opened.keys_and_labels()
        for key in keys:
            history = opened[key].history()
            assert history.equals(histories[key])
            assert list(history["version"]) == list(range(opened[key].version, 0, -1))
            assert opened[key].at(1).version == 1
        assert {folder.name for folder in (store / PATIENTS).iterdir()} == set(keys)
        assert not any((store / SCRATCH).iterdir())
        again = compact(opened, grace_s=0)
        assert (again.rows_swept, again.repositories_swept, again.scratch_swept) == (0, 0, 0)
        assert states_of(store) == self.after
        assert verify(Store(store)).ok
        return swept.rows_swept


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


@pytest.fixture(scope="session")
def states() -> Callable[[Path], States]:
    """`states_of`."""
    return states_of


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """`start_driver`."""
    return start_driver


@pytest.fixture(scope="session")
def finish() -> Callable[[subprocess.Popen[str]], list[dict[str, Any]]]:
    """`finish_driver`."""
    return finish_driver


@pytest.fixture(scope="session")
def leg() -> type[Leg]:
    """`Leg`."""
    return Leg


@pytest.fixture(scope="session")
def find_faults() -> Callable[..., list[str]]:
    """`faults`."""
    return faults


@pytest.fixture(scope="session")
def few(cohort: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Leg:
    """A short run of three patients, and what it gives."""
    found = Leg(cohort("few", ["STS_002"], 2), False)
    found.undisturbed(tmp_path_factory.mktemp("few") / "undisturbed")
    return found
