"""Unpack: a patient from a file that somebody handed over, into a store."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zarr.core.buffer import default_buffer_prototype
from zarr.core.sync import sync

from explorer.errors import ErasedError, FileRefusedError, StoreError
from explorer.identity import new_key
from explorer.layout import RECORDS, VERSION, item_group
from explorer.lock import lock
from explorer.pack_format import ARRAYS, MANIFEST, ROWS, check_manifest, check_node, safe_name
from explorer.pack_rows import unpack_rows
from explorer.progress import progress
from explorer.records import now

if TYPE_CHECKING:
    from explorer.store import Store

_MOST_MANIFEST_BYTES = 512 * 2**20
_MOST_BYTES = 1024 * 2**30
_MOST_RATIO = 1100
_ARRAY = {"image": "pixels", "segmentation": "masks", "waveform": "samples"}


@dataclass
class Unpacking:
    """What `unpack_patient` did.

    Attributes
    ----------
    patient : str
        The label.
    key : str
        In this store.
    versions : int
        That are new; 0 where the patient was there from the same pack.
    licence, notes : str or None
        Of who packed.
    """

    patient: str
    key: str
    versions: int
    licence: str | None
    notes: str | None


def unpack_patient(
    file: str | Path, store: Store, *, keep_key: bool = False, again: bool = False
) -> Unpacking:
    """Take a packed patient into a store.

    The patient is one of the store's own, under identifiers that belong to the pack: he is
    joined with nobody, whatever he is called. Doing it again changes nothing.

    Parameters
    ----------
    file : path
    store : Store
    keep_key : bool
        Give the patient the key that he had, so that addresses hold.
    again : bool
        Take him in though he was erased from the store.

    Returns
    -------
    Unpacking

    Raises
    ------
    FileRefusedError
        The file is damaged, is no pack, or holds what a pack never does. Nothing was written.
    ErasedError
        He was erased from the store.
    StoreError
        Another patient has the key.
    """
    path = Path(file).absolute()
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive)
            _check(archive, manifest)
            rows = [
                _rows(archive, one["files"], manifest["issuer"]) for one in manifest["versions"]
            ]
            for one, some in zip(manifest["versions"], rows, strict=True):
                _fits(archive, one["files"], some.get("items", []))
            return _Unpacker(store, archive, manifest, rows).write(path, keep_key, again)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise FileRefusedError(f"It cannot be read: {error}", where=str(path)) from error
    except FileRefusedError as error:
        where = f"{path}, {error.where}" if error.where else str(path)
        raise FileRefusedError(
            error.found, expected=error.expected, where=where, do=error.do
        ) from error


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    names = [entry.filename for entry in archive.infolist()]
    if len(set(names)) != len(names):
        raise FileRefusedError("A name stands twice in it")
    total = 0
    for entry in archive.infolist():
        total += entry.file_size
        if not safe_name(entry.filename) or stat.S_ISLNK(entry.external_attr >> 16):
            raise FileRefusedError(f"A name leads out of it: {entry.filename!r}")
        bomb = entry.file_size > _MOST_RATIO * max(entry.compress_size, 1) or total > _MOST_BYTES
        if entry.flag_bits & 0x1 or bomb:
            raise FileRefusedError(f"{entry.filename!r} is encrypted, or claims too much")
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST_BYTES:
        raise FileRefusedError("It is no packed patient", expected=f"a {MANIFEST} of ours")
    try:
        return check_manifest(json.loads(archive.read(MANIFEST)), VERSION)
    except (ValueError, RecursionError) as error:
        if isinstance(error, FileRefusedError):
            raise
        raise FileRefusedError(f"{MANIFEST} is damaged: {error}") from error


def _check(archive: zipfile.ZipFile, manifest: Mapping[str, Any]) -> None:
    """Every byte against the manifest, before anything is written."""
    wanted = {about["at"]: about for one in manifest["versions"] for about in one["files"].values()}
    there = {entry.filename for entry in archive.infolist()} - {MANIFEST}
    if there != set(wanted):
        odd = sorted(there ^ set(wanted))[0]
        raise FileRefusedError(f"The manifest and the file differ: {odd!r}")
    with progress("Check", len(wanted)) as step:
        for name, about in wanted.items():
            digest = hashlib.sha256()
            with archive.open(name) as data:
                while part := data.read(1 << 20):
                    digest.update(part)
            if digest.hexdigest() != about["sha256"]:
                raise FileRefusedError(f"{name!r} is not what the manifest says: it was changed")
            step(name)
    for one in manifest["versions"]:
        for name, about in one["files"].items():
            if name.startswith(f"{ARRAYS}/") and name.endswith("zarr.json"):
                check_node(archive.read(about["at"]), name)


def _rows(
    archive: zipfile.ZipFile, files: Mapping[str, Any], issuer: str
) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for name, about in files.items():
        if name.startswith(f"{ROWS}/"):
            table = name.removeprefix(f"{ROWS}/").removesuffix(".jsonl")
            found[table] = unpack_rows(archive.read(about["at"]), table, issuer)
    return found


def _fits(archive: zipfile.ZipFile, files: Mapping[str, Any], items: list[dict[str, Any]]) -> None:
    """Refuse arrays that are not of the shape that their rows say."""
    for row in items:
        if row["kind"] not in _ARRAY or not row["item"]:
            continue
        name = f"{ARRAYS}/{item_group(row['kind'], row['item'])}/{_ARRAY[row['kind']]}/zarr.json"
        shape = row["shape"] or [-1]
        node = json.loads(archive.read(files[name]["at"])) if name in files else {}
        if (node.get("shape") or [])[-len(shape) :] != shape:
            raise FileRefusedError(f"The array of item {row['item']!r} is not what its row says")


class _Unpacker:
    def __init__(
        self, store: Store, archive: zipfile.ZipFile, manifest: dict[str, Any],
        rows: list[dict[str, list[dict[str, Any]]]],
    ) -> None:  # fmt: skip
        self.store, self.archive, self.manifest, self.rows = store, archive, manifest, rows
        self.issuer: str = manifest["issuer"]

    def write(self, path: Path, keep_key: bool, again: bool) -> Unpacking:
        key = self._key(keep_key, again)
        head = self.store.records.head(key)
        done = head.version if head else 0
        versions = list(reversed(self.manifest["versions"]))
        before: dict[str, str] = {}
        for number, one in enumerate(versions):
            arrays = {
                name.removeprefix(f"{ARRAYS}/"): about
                for name, about in one["files"].items()
                if name.startswith(f"{ARRAYS}/")
            }
            if number >= done:
                self._version(key, one["message"], arrays, before, self.rows[-1 - number])
            before = {name: about["sha256"] for name, about in arrays.items()}
        fresh = max(0, len(versions) - done)
        if fresh:
            self.store.records.append(
                "pins",
                [{"holder": path.name, "kind": "unpacked file", "patient": key,
                  "version": done + fresh, "place": str(path), "time": now()}],
            )  # fmt: skip
        about = self.manifest
        return Unpacking(about["label"], key, fresh, about.get("licence"), about.get("notes"))

    def _key(self, keep_key: bool, again: bool) -> str:
        """The patient's key in this store; the names are reserved for it."""
        names, stones = self.manifest["identifiers"], self.store.tombstones
        identity = self.store.identity
        with lock(self.store.place, "identity"):
            known = identity.known(self.issuer, names)
            if known:
                return next(iter(known.values()))
            erased = stones.persons(self.issuer, names)
            if erased and not again:
                raise ErasedError(
                    "The patient was erased from this store", do="oncograph unpack --again"
                )
            stones.forget([d for n in erased if (d := stones.of_person(self.issuer, n))])
            key = self.manifest["key"] if keep_key else new_key()
            if keep_key and (self.store.records.head(key) or identity.names(key)):
                raise StoreError("Another patient has this key", do="leave --keep-key out")
            rows = [
                {"issuer": self.issuer, "identifier": name, "patient": key, "time": now()}
                for name in names
            ]
            self.store.records.insert_new("aliases", rows)
        return key

    def _version(
        self, key: str, message: str, arrays: Mapping[str, Any], before: Mapping[str, str],
        rows: Mapping[str, list[dict[str, Any]]],
    ) -> None:  # fmt: skip
        names = {row["features"]: ("", row["names"]) for row in rows.get("features", [])}
        self.store.records.add_features(names)
        with self.store.transaction(message) as t:
            t.hold(key)
            for table in RECORDS:
                if rows.get(table) or t.rows(key, table):
                    t.replace_rows(key, table, rows.get(table, []))
            fresh = {n: a for n, a in arrays.items() if before.get(n) != a["sha256"]}
            gone = set(before) - set(arrays)
            if fresh or gone:
                self._arrays(t.session(key).store, fresh, gone)

    def _arrays(self, target: Any, fresh: Mapping[str, Any], gone: set[str]) -> None:
        # a node before what lies in it
        order = sorted(
            fresh, key=lambda name: (not name.endswith("zarr.json"), name.count("/"), name)
        )
        prototype = default_buffer_prototype()
        with progress("Unpack", len(order)) as step:
            for name in order:
                data = prototype.buffer.from_bytes(self.archive.read(fresh[name]["at"]))
                sync(target.set(name, data))
                step(name)
        for name in sorted(gone, key=lambda name: (name.endswith("zarr.json"), -name.count("/"))):
            sync(target.delete(name))
