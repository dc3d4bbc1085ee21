"""Relink: sources that were moved are found at their new place, after their hashes were checked."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import ConflictError, NotFoundError
from explorer.joined import joined_into
from explorer.layout import ORIGIN_TABLES, UNASSIGNED
from explorer.lock import lock
from explorer.moved_files import Moved, MovedFiles
from explorer.patient import Patient
from explorer.progress import progress
from explorer.relink_image import relink_image
from explorer.scratch import scratch
from explorer.transaction import Transaction
from explorer.trust import is_below

if TYPE_CHECKING:
    from explorer.store import Store

_TRIES = 5


@dataclass
class Relinking:
    """What `relink` did.

    Attributes
    ----------
    patients, files, items : int
        Changed patients, their files that were found, and items whose references were rewritten.
    roots : list of str
        Source folders that the store reads from now.
    left : list of dict
        patient, file, reason: what was not found, or is another file; it is left as it was.
    """

    patients: int = 0
    files: int = 0
    items: int = 0
    roots: list[str] = field(default_factory=list)
    left: list[dict[str, Any]] = field(default_factory=list)


def relink(store: Store, old: str | Path, new: str | Path, *, search: bool = False) -> Relinking:
    """Find the sources of a store below another folder, and let its references point there.

    A file is looked for at the same relative path, and is taken only if its sha256 is the one
    that was kept. Older versions go on pointing to the old place. Naming the new folder trusts
    the store to read it. It can be stopped, and goes on at the next run.

    Parameters
    ----------
    store : Store
    old : str or path
        Where the sources were; it need not be there.
    new : str or path
        Where they are.
    search : bool
        Look for a file that is not at its relative path by name and size, anywhere below `new`.

    Returns
    -------
    Relinking

    Raises
    ------
    NotFoundError
        There is no folder `new`, or the store has nothing from below `old`.
    """
    was, now = os.path.normpath(os.path.abspath(old)), os.path.realpath(new)  # noqa: PTH100
    if not Path(now).is_dir():
        raise NotFoundError(f"No folder {str(new)!r}", do="name the folder that the files are in")
    rows = store.records.visible("files", ["patient", "uri", "root"]).to_pylist()
    mine = [row for row in rows if is_below(row["uri"].partition("!")[0], [was])]
    if not mine:
        raise NotFoundError(f"The store has no files from below {was!r}", where=store.url)
    result = Relinking(roots=_roots(store, was, now, {row["root"] for row in mine} - {None}))
    store.trust.add([now])
    keys = sorted({row["patient"] for row in mine})
    with scratch(store, "relink") as folder, progress("Relink", len(keys)) as step:
        files = MovedFiles(was, now, folder, search=search)
        for key in keys:
            _patient(store, key, files, result)
            step(key)
    return result


def _roots(store: Store, was: str, now: str, roots: set[str]) -> list[str]:
    """Register the new folders, each with the issuer of the old one: patients stay the same."""
    known = {row["root"]: row["issuer"] for row in store.records.read("roots").to_pylist()}
    found = []
    with lock(store.place, "identity"):
        for root in sorted(roots & set(known)):
            place = _place(root, was, now)
            found.append(place)
            if place not in known:
                store.add_root(place, known[root])
    return sorted(set(found))


def _place(root: str, was: str, now: str) -> str:
    """What stands for a root now: the same part of the new folder, or all of it."""
    inside = is_below(root, [was])
    return os.path.normpath(Path(now, os.path.relpath(root, was))) if inside else now


def _patient(store: Store, key: str, files: MovedFiles, result: Relinking) -> None:
    for attempt in range(_TRIES):
        again = Relinking()
        try:
            _once(store, key, files, again)
        except ConflictError:
            if attempt == _TRIES - 1:
                raise
            continue
        result.patients += bool(again.files) and key != UNASSIGNED
        result.files += again.files
        result.items += again.items
        result.left += again.left
        return


def _once(store: Store, key: str, files: MovedFiles, result: Relinking) -> None:
    with store.transaction("relink") as t:
        if key != UNASSIGNED:
            t.hold(key)
        head = store.records.head(key)
        if head is None:
            return
        patient = Patient(store, head)
        moved: dict[str, Moved] = {}
        for row in patient.rows("files"):
            if row["sha256"] is None or not is_below(row["uri"].partition("!")[0], [files.was]):
                continue
            found, reason = files.find(row)
            if found is None:
                label = None if key == UNASSIGNED else patient.label
                result.left.append({"patient": label, "file": row["uri"], "reason": reason})
            else:
                moved[row["uri"]] = found
        for image in patient.images.values():
            if image.storage == "referenced" and any(r["uri"] in moved for r in image.sources()):
                why_not = relink_image(t.session(key), image, moved)
                result.items += why_not is None
                if why_not is not None:
                    for row in image.sources():
                        moved.pop(row["uri"], None)
                    result.left.append(
                        {"patient": patient.label, "file": f"item {image.id}", "reason": why_not}
                    )
        result.files = len(moved)
        if moved:
            for one in (key, *joined_into(store, key)):
                _rows(t, one, moved, files)


def _rows(t: Transaction, key: str, moved: dict[str, Moved], files: MovedFiles) -> None:
    fresh = []
    taken = {found.uri for found in moved.values()}
    for row in t.rows(key, "files"):
        if row["uri"] in taken and row["uri"] not in moved:
            continue  # met there before, as a copy
        found = moved.get(row["uri"])
        if found is not None:
            root = _place(row["root"], files.was, files.now) if row["root"] else None
            row = {**row, "uri": found.uri, "mtime_ns": found.mtime_ns, "root": root}
        fresh.append(row)
    t.replace_rows(key, "files", fresh)
    for table in ORIGIN_TABLES:
        rows = t.rows(key, table)
        if any(row.get("source") in moved for row in rows):
            new = {old: found.uri for old, found in moved.items()}
            t.replace_rows(
                key, table, [{**r, "source": new.get(r["source"], r["source"])} for r in rows]
            )
