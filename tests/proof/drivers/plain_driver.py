"""The control: the same readers and array writers, but into a plain Zarr folder, without a commit.

    python plain_driver.py '{"sources": [FOLDER], "store": FOLDER}'

Says the same lines as ``ingest_driver.py``. A patient is a group; its files stand in an attribute.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import zarr
from dying import say

from explorer.draft import Grid, Header, ImageDraft
from explorer.peek_file import peek_file
from explorer.registry import readers
from explorer.walk import walk
from explorer.write_image import write_image
from explorer.write_segmentation import write_segmentation


def write_patient(folder: Path, headers: list[Header]) -> None:
    session = SimpleNamespace(store=zarr.storage.LocalStore(folder))
    group = zarr.open_group(session.store, mode="w")
    groups: dict[tuple[str, str, str], list[Header]] = defaultdict(list)
    for header in headers:
        groups[header.kind, header.reader, header.group].append(header)
    grids: list[Grid] = []
    for (_, name, _), theirs in sorted(groups.items()):
        reader = next(r for r in readers() if r.name == name)
        for draft in reader.read(theirs, grids).drafts:
            if isinstance(draft, ImageDraft):
                write_image(session, draft, copy=True)
                if draft.grid:
                    grids.append(draft.grid)
            else:
                write_segmentation(session, draft)
    group.attrs["files"] = sorted([h.source.uri, h.source.sha256] for h in headers)


def main(order: dict[str, Any]) -> None:
    readers()
    say(at="ready")
    store = Path(order["store"])
    store.mkdir(exist_ok=True)
    say(at="store")
    people: dict[str, list[Header]] = defaultdict(list)
    for source in order["sources"]:
        for found in walk(Path(source)):
            header = peek_file(found, found.path).header
            if header is not None and header.patient.identifier:
                people[header.patient.identifier].append(header)
    for label, headers in sorted(people.items()):
        folder = store / label
        if not (folder / "zarr.json").exists() or "files" not in zarr.open_group(folder).attrs:
            write_patient(folder, headers)
        say(acknowledged=label, version=1)
    say(at="end")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
