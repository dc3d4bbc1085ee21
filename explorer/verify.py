"""Verify: every reference's sha256, every chunk readable."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr

from explorer.errors import OncographError, StoreError
from explorer.html import table_html
from explorer.image import Image
from explorer.item import Item
from explorer.layout import UNASSIGNED, training_path
from explorer.on_s3 import on_s3
from explorer.patient import Patient
from explorer.progress import progress
from explorer.segmentation import Segmentation
from explorer.slide import Slide
from explorer.source_file import source_sha256, source_size
from explorer.training.volume import TrainingVolume
from explorer.trust import is_below
from explorer.waveform import Waveform

if TYPE_CHECKING:
    from explorer.store import Store


@dataclass
class Verification:
    """What `verify` found.

    Attributes
    ----------
    patients, items, chunks, references : int
        How many were checked.
    faults : list of dict
        patient, item, file, found, do: one a fault.
    """

    patients: int = 0
    items: int = 0
    chunks: int = 0
    references: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    def __repr__(self) -> str:
        return (
            f"<Verification: {self.patients} patients, {self.items} items, {self.chunks} chunks, "
            f"{self.references} references, {len(self.faults)} faults>"
        )

    def _repr_html_(self) -> str:
        names = ["patient", "item", "file", "found", "do"]
        rows = [[fault[name] for name in names] for fault in self.faults]
        return table_html(names, rows, caption=repr(self)[1:-1])

    def fault(self, patient: Patient, item: str, file: str | None, found: str, do: str) -> None:
        """Note a fault."""
        self.faults.append(
            {"patient": patient.label, "item": item, "file": file, "found": found, "do": do}
        )


def verify(store: Store, patient: str | None = None) -> Verification:
    """Check a store against its sources and itself.

    Parameters
    ----------
    store : Store
    patient : str, optional
        Only this one.

    Returns
    -------
    Verification
    """
    result = Verification()
    if patient is not None:
        people = [store[patient]]
    else:
        people = _worth_a_look(store)
        result.patients = len(store) - len(people)  # of records alone: there is nothing to read
    with progress("Verify", len(people)) as step:
        for one in people:
            result.patients += 1
            before = len(result.faults)
            _references(one, result)
            named = {fault["item"] for fault in result.faults[before:]}
            _arrays(one, result, named)
            _training(one, result)
            step(one.label)
    return result


def _worth_a_look(store: Store) -> list[Patient]:
    """Patients who have items or references; of ten thousand in a table there may be few."""
    keys: set[str] = set()
    for table in ("items", "files"):
        rows = store.records.visible(table, ["patient"], without=UNASSIGNED)
        keys |= set(rows["patient"].unique().to_pylist())
    hidden = store.records.hidden()
    heads = [h for h in store.records.heads() if h.patient in keys and h.patient not in hidden]
    return [Patient(store, head) for head in heads]


def _references(patient: Patient, result: Verification) -> None:
    known = patient.store.readable_roots()
    for row in patient.rows("files"):
        if row["status"] != "referenced":
            continue
        result.references += 1
        again = "bring the file back, or ingest its folder again"
        if not is_below(row["uri"], known):
            found = "it lies where you have not trusted this store to read"
            result.fault(patient, row["item"], row["uri"], found, "--trust-root, if you know it")
        elif (why := _of_source(row)) is not None:
            result.fault(patient, row["item"], row["uri"], why, again)


def _of_source(row: dict[str, Any]) -> str | None:
    """What is wrong with a source file."""
    uri = row["uri"]
    try:
        if not on_s3(uri) and not Path(uri).is_file():
            return "the source file is gone"
        same = source_size(uri) == row["size"] and source_sha256(uri) == row["sha256"]
    except FileNotFoundError:
        return "the source file is gone"
    except StoreError as error:
        return f"it cannot be asked for: {error.found}"
    return None if same else "the source file was changed"


def _arrays(patient: Patient, result: Verification, named: set[str]) -> None:
    items: list[Image | Segmentation | Waveform | Slide] = [
        *patient.images.values(),
        *patient.segmentations.values(),
        *patient.waveforms.values(),
        *patient.slides.values(),
    ]
    for item in items:
        result.items += 1
        try:
            array = item.stored
            fits = isinstance(item, Slide) or tuple(array.shape[-len(item.shape) :]) == item.shape
            if not fits:
                raise OncographError(f"the array is {array.shape}, its row says {item.shape}")
            result.chunks += read_all(array)
            for name in item.dims:
                if name in item.group:
                    coordinate = item.group[name]
                    if isinstance(coordinate, zarr.Array):
                        np.asarray(coordinate[...])
        except Exception as error:  # noqa: BLE001 - whatever a damaged file raises is the finding
            if item.id in named:
                continue  # its source file is the fault, and has been told
            text = str(error).strip().splitlines() or [type(error).__name__]
            result.fault(
                patient, item.id, _suspect(item), f"cannot be read: {text[0][:200]}",
                "ingest its source again; older versions may still be whole (patient.history())",
            )  # fmt: skip


def _training(patient: Patient, result: Verification) -> None:
    for made in training_path(patient.store.place, patient.key).children():
        for folder in made.children():
            volume = TrainingVolume.open(folder, patient.version)
            try:
                result.chunks += 0 if volume is None else volume.check()
            except OncographError as error:
                assert volume is not None  # noqa: S101 - for the type checker only
                again = "delete the folder, and materialize the cohort again"
                result.fault(patient, volume.item, str(folder), error.found, again)


def _suspect(item: Item) -> str:
    """The file behind an item that cannot be read, as near as it can be told."""
    for row in item.sources() if item.storage == "referenced" else ():
        path = Path(row["uri"])
        if path.is_file() and path.stat().st_mtime_ns != row["mtime_ns"]:
            return str(path)  # same bytes, but touched: a reference holds for the old time only
    return str(item.patient.store.arrays(item.patient.key).place)


def read_all(array: zarr.Array[Any]) -> int:
    """Read every chunk of an array, one layer of chunks at a time.

    Returns
    -------
    int
        The number of chunks.
    """
    step = array.chunks[0]
    for start in range(0, array.shape[0], step):
        np.asarray(array[start : start + step])
    return int(np.prod([-(-n // c) for n, c in zip(array.shape, array.chunks, strict=True)]))
