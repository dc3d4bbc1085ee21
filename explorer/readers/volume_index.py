"""What an index beside NIfTI files says of each: nnU-Net, Decathlon, BIDS, and oncograph's own.

A file is known by its place below the index's folder; nothing that an index names is opened.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from explorer.draft import Source
from explorer.readers.bids_sidecar import bids_sidecar
from explorer.readers.dataset_index import dataset_index
from explorer.readers.index_values import channel_of, mask_of, said_json, text_of
from explorer.readers.indexed_file import Found, Index, Indexed

_BYTES = 256 << 20


def find_indexed(source: Source) -> Found | None:
    """Ask the indices in a file's folder, and in those above it within the source tree."""
    inside = source.relative.replace("\\", "/").rpartition("!")[2]
    folder = source.path.parent
    for depth in range(inside.count("/") + 1):
        relative = "/".join(inside.split("/")[-depth - 1 :])
        for name, read in INDICES.items():
            about = _index(folder / name, read).get(relative)
            if about is not None:
                return Found(folder, relative, about)
        folder = folder.parent
    return bids_sidecar(source)


def is_index(path: Path) -> bool:
    """Whether a file is an index of volumes beside it."""
    return path.name in INDICES and bool(_index(path, INDICES[path.name]))


def _index(path: Path, read: Callable[[Path], Index]) -> Index:
    try:
        about = path.stat()
    except OSError:
        return {}
    return _read(path, read, about.st_mtime_ns) if about.st_size <= _BYTES else {}


@lru_cache(maxsize=16)
def _read(path: Path, read: Callable[[Path], Index], mtime_ns: int) -> Index:
    try:
        return read(path)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, csv.Error):
        return {}  # a table or a JSON of others, called alike


def _subjects(path: Path) -> Index:
    """``subjects.json`` of a TorchIO export."""
    said = said_json(path)
    found: Index = {}
    if said.get("format") != "oncograph subjects":
        return found
    for one in said["subjects"]:
        patient = text_of(one["patient"]) or ""
        first = None
        for image in one["images"].values():
            first = first or str(image["file"])
            found[image["file"]] = Indexed(patient, layout="subjects", **channel_of(image, None))
        for mask in one["masks"].values():
            found[mask["file"]] = mask_of(patient, mask, first, "subjects")
    return found


def _items(path: Path) -> Index:
    """``items.csv`` of an export as NIfTI and CSV."""
    found: Index = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if not {"patient", "kind", "file", "segment", "image_file"} <= set(rows.fieldnames or ()):
            return {}
        for row in rows:
            cells = {name: _cell(cell) for name, cell in row.items() if isinstance(name, str)}
            about: dict[str, Any] = {**cells, "synthetic": cells["synthetic"] == "true"}
            patient = text_of(cells["patient"]) or ""
            if cells["kind"] == "mask":
                found[row["file"]] = mask_of(
                    patient, about, cells["image_file"] or None, "items.csv"
                )
            else:
                found[row["file"]] = Indexed(
                    patient, layout="items.csv", **channel_of(about, None)
                )  # fmt: skip
    return found


def _cell(cell: Any) -> str | None:
    text = cell if isinstance(cell, str) else ""
    formula = len(text) > 1 and text[0] == "'" and text.lstrip("' ")[:1] in tuple("=+-@＝＋－＠")  # noqa: RUF001 - full-width signs begin formulas, too
    return (text[1:] if formula else text) or None


INDICES: dict[str, Callable[[Path], Index]] = {
    "dataset.json": dataset_index,
    "subjects.json": _subjects,
    "items.csv": _items,
}
