"""Materialize: referenced pixels are copied in, so that a store stands alone."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import zarr

from explorer.check_sources import check_sources
from explorer.copy_pixels import copy_pixels
from explorer.errors import ConflictError, OncographError
from explorer.image import Image
from explorer.joined import joined_into
from explorer.layout import UNASSIGNED, item_group
from explorer.patient import Patient
from explorer.progress import progress

if TYPE_CHECKING:
    from explorer.store import Store

_TRIES = 5
_CHANGES = (("items", "storage", "copied"), ("files", "status", "ingested"))


@dataclass
class Materialization:
    """What `materialize` did.

    Attributes
    ----------
    patients, items : int
        Changed patients, and their items that were copied.
    bytes : int
        Of pixels, as they are in memory.
    left : list of dict
        patient, item, reason: items that still need their source files.
    """

    patients: int = 0
    items: int = 0
    bytes: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)


def materialize(store: Store, patients: Iterable[str] | None = None) -> Materialization:
    """Copy referenced pixels into chunks, a patient a commit.

    A source is hashed before it is read: one that was changed is left as it is, and said. What
    was copied is read back and compared. It can be stopped, and goes on at the next run; older
    versions of a patient keep their references.

    Parameters
    ----------
    store : Store
    patients : iterable of str, optional
        What they are called, or their keys; all by default.

    Returns
    -------
    Materialization
    """
    if patients is None:
        keys = [head.patient for head in store.records.heads()]
        hidden = {UNASSIGNED, *store.records.hidden()}
        keys = [key for key in keys if key not in hidden]
    else:
        keys = [store[name].key for name in patients]
    result = Materialization()
    with progress("Materialize", len(keys)) as step:
        for key in keys:
            _patient(store, key, result)
            step(key)
    return result


def _patient(store: Store, key: str, result: Materialization) -> None:
    refused: dict[str, str] = {}
    lost = 0
    while True:
        try:
            done = _once(store, key, refused)
        except _Refused as error:
            refused[error.item] = error.reason  # begin again without it
            continue
        except ConflictError:
            lost += 1
            if lost == _TRIES:
                raise
            time.sleep(random.uniform(0.02, 0.2) * lost)
            continue
        result.items += len(done)
        result.bytes += sum(done)
        result.patients += bool(done)
        break
    label = store[key].label
    result.left += [
        {"patient": label, "item": item, "reason": reason} for item, reason in refused.items()
    ]


class _Refused(Exception):
    def __init__(self, item: str, reason: str) -> None:
        super().__init__(reason)
        self.item, self.reason = item, reason


def _once(store: Store, key: str, refused: dict[str, str]) -> list[int]:
    """Copy a patient's referenced images in one commit; the sizes of those that were."""
    with store.transaction("materialize") as t:
        t.hold(key)
        head = store.records.head(key)
        if head is None:
            return []
        patient = Patient(store, head)
        wanted = _referenced(patient, refused)
        if not wanted:
            return []
        session = t.session(key)
        sizes = []
        for image in wanted:
            try:
                check_sources(image)
                group = zarr.open_group(session.store, mode="a")[item_group("image", image.id)]
                sizes.append(copy_pixels(image, group))  # type: ignore[arg-type]
                check_sources(image, touched_only=True)
            except OncographError as error:
                t.discard(key)
                raise _Refused(image.id, error.message) from error
        ids = {image.id for image in wanted}
        for one in (key, *joined_into(store, key)):
            for table, name, to in (
                ("items", "storage", "copied"),
                ("files", "status", "ingested"),
            ):
                rows = [_copied(row, row["item"] in ids, name, to) for row in t.rows(one, table)]
                t.replace_rows(one, table, rows)
    return sizes


def _referenced(patient: Patient, refused: dict[str, str]) -> list[Image]:
    found = [image for image in patient.images.values() if image.storage == "referenced"]
    for slide in patient.slides.values():
        if slide.storage == "referenced":
            refused[slide.id] = "the levels of a slide are read from its file: keep the file"
    return [image for image in found if image.id not in refused]


def _copied(row: dict[str, Any], mine: bool, name: str, value: str) -> dict[str, Any]:
    return {**row, name: value} if mine and row[name] == "referenced" else row
