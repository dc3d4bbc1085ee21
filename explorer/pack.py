"""Pack: one patient to one file, to hand over.

The file is a zip. What is in it is the same for the same patient, whichever store it came from:
entries are sorted, carry no time, and name no place of the machine that made it.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import StoreError
from explorer.joined import joined_into
from explorer.layout import VERSION
from explorer.pack_format import FORMAT, HISTORY, MANIFEST, PACK_VERSION, as_bytes, issuer_of
from explorer.pack_rows import pack_rows
from explorer.packed_arrays import packed_arrays
from explorer.patient import Patient
from explorer.records import now
from explorer.scratch import scratch

if TYPE_CHECKING:
    from explorer.store import Store

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass
class Packing:
    """What `pack` wrote.

    Attributes
    ----------
    patient : str
        The label.
    file : str
    versions, items, bytes : int
    left : list of str
        Items whose pixels are not in the file, since only their own source holds them.
    """

    patient: str
    file: str
    versions: int = 0
    items: int = 0
    bytes: int = 0
    left: list[str] = field(default_factory=list)


def pack(
    store: Store,
    patient: str,
    file: str | Path,
    *,
    history: bool = False,
    licence: str | None = None,
    notes: str | None = None,
) -> Packing:
    """Write one patient to a file that stands alone.

    Parameters
    ----------
    store : Store
    patient : str
        What the patient is called, or the key.
    file : path
        ``NAME.onco.zip``; it appears whole, and replaces nothing.
    history : bool
        All earlier versions too, not the present one alone.
    licence, notes : str, optional
        For who receives it.

    Returns
    -------
    Packing

    Raises
    ------
    NotFoundError
        There is no such patient.
    SourceChangedError
        Pixels that are by reference cannot be read any longer.
    StoreError
        There is such a file already.
    """
    one, target = store[patient], Path(file).absolute()
    if target.exists():
        raise StoreError(f"There is a file {str(target)!r}", do="name another, or delete it")
    past = [one] if not history else [
        Patient(store, head) for head, _ in store.records.history(one.key)
    ]  # fmt: skip
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    result = Packing(one.label, str(target), len(past), len(one.rows("items")))
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as out:
            with zipfile.ZipFile(out, "w") as archive, scratch(store, "pack") as folder:
                _Packer(archive, store, one, folder, result).write(past, licence, notes)
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, target)  # noqa: PTH105 - it appears whole
    finally:
        part.unlink(missing_ok=True)
    result.bytes = target.stat().st_size
    store.records.append(
        "pins",
        [
            {
                "holder": target.name, "kind": "pack", "patient": one.key,
                "version": one.version, "snapshot": one.head.snapshot, "place": str(target),
                "time": now(),
            }
        ],
    )  # fmt: skip
    return result


class _Packer:
    """The entries of one file; equal content of several versions is there once."""

    def __init__(
        self, archive: zipfile.ZipFile, store: Store, one: Patient, scratch: Path, result: Packing
    ) -> None:
        self.archive, self.store, self.one = archive, store, one
        self.scratch, self.result = scratch, result
        self.there: dict[str, str] = {}

    def write(self, past: list[Patient], licence: str | None, notes: str | None) -> None:
        """Write versions, the newest first, and then the manifest that speaks of them all."""
        messages = {head.version: text for head, text in self.store.records.history(self.one.key)}
        versions: list[dict[str, Any]] = []
        for number, patient in enumerate(past):
            folder = f"{HISTORY}/{patient.version}/" if versions else ""
            files = {
                name: self._entry(folder, name, data)
                for name, data in self._of(patient, self.scratch / str(number))
            }
            versions.append({"message": messages.get(patient.version, ""), "files": files})
        keys = (self.one.key, *joined_into(self.store, self.one.key))
        names = {name for key in keys for _, name in self.store.identity.names(key)}
        manifest = {
            "format": FORMAT, "version": PACK_VERSION, "store_format": VERSION,
            "issuer": issuer_of(versions), "key": self.one.key, "label": self.one.label,
            "identifiers": sorted(names | {self.one.label}), "versions": versions,
            "licence": licence, "notes": notes,
        }  # fmt: skip
        self._zip(MANIFEST, as_bytes(manifest))

    def _of(self, patient: Patient, scratch: Path) -> Iterator[tuple[str, bytes]]:
        left = {slide.id for slide in patient.slides.values() if slide.storage == "referenced"}
        self.result.left += sorted(left - set(self.result.left))
        if patient.head.snapshot is not None:
            yield from packed_arrays(patient, scratch)
        yield from pack_rows(self.store, patient, left)

    def _entry(self, folder: str, name: str, data: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self.there:
            self.there[digest] = folder + name
            self._zip(folder + name, data)
        return {"sha256": digest, "size": len(data), "at": self.there[digest]}

    def _zip(self, name: str, data: bytes) -> None:
        entry = zipfile.ZipInfo(name, _EPOCH)
        entry.external_attr = 0o600 << 16
        # rows are text; chunks were compressed before
        entry.compress_type = (
            zipfile.ZIP_DEFLATED if name.endswith(".jsonl") else zipfile.ZIP_STORED
        )
        self.archive.writestr(entry, data)
