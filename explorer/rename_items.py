"""Give things other ids, in every row that names them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from explorer.free_id import NAMED, id_before, note_id

Rows = Mapping[str, list[dict[str, Any]]]

# Table to the columns that hold an item's id.
_COLUMNS = {
    "items": ("item", "image"),
    "segments": ("item",),
    "files": ("item",),
    "texts": ("item",),
    "findings": ("item",),
}
# Table to the columns that hold an address without key and version.
_TARGETS = {
    "observations": ("target",),
    "groundings": ("target",),
    "nodes": ("target",),
    "runs": ("input",),
}


def rename_items(rows: Rows, names: Mapping[str, str]) -> None:
    """Change ids in rows, in place.

    Parameters
    ----------
    rows : mapping
        Table to rows.
    names : mapping
        Old id to new one.
    """
    if not names:
        return
    for table, columns in _COLUMNS.items():
        for row in rows.get(table, ()):
            for column in columns:
                if row.get(column) in names:
                    row[column] = names[row[column]]
    for table, columns in _TARGETS.items():
        for row in rows.get(table, ()):
            for column in columns:
                row[column] = _target(row.get(column), names)
    for row in rows.get("verdicts", ()):
        row["evidence"] = [_target(one, names) for one in row.get("evidence") or ()]
    for row in rows.get("groundings", ()):
        row["alternatives"] = _alternatives(row.get("alternatives"), names)


def note_names(rows: Rows, names: Mapping[str, str]) -> None:
    """Keep the id that each renamed thing had first; call it before `rename_items`."""
    for table, column in NAMED.items():
        for row in rows.get(table, ()):
            if row["item"] in names and id_before(row.get(column))[0] is None:
                row[column] = note_id(row.get(column), row["item"])


def first_names(rows: Rows, own: str | None) -> dict[str, str]:
    """Find which things can have the id again that they had before any join.

    Parameters
    ----------
    rows : mapping
        Table to the rows of the patient as it will be.
    own : str or None
        ``came_as`` of the patient's own rows: they have the first right to an id.

    Returns
    -------
    dict
        Id to the id before, where that is free; those rows lose the note of it.
    """
    found = {}
    for table, column in NAMED.items():
        taken = {row["item"] for row in rows.get(table, ())}
        for row in sorted(rows.get(table, ()), key=lambda row: row.get("came_as") != own):
            before, rest = id_before(row.get(column))
            if before is not None and before not in taken:
                found[row["item"]] = before
                taken.add(before)
                row[column] = rest if table == "items" or rest != "{}" else None
    return found


def _alternatives(text: str | None, names: Mapping[str, str]) -> str | None:
    if not text:
        return text
    found = json.loads(text)
    for one in found:
        one["target"] = _target(one.get("target"), names)
    return json.dumps(found, ensure_ascii=False)


def _target(target: str | None, names: Mapping[str, str]) -> str | None:
    if not target:
        return target
    place, mark, fragment = target.partition("#")
    collection, slash, item = place.partition("/")
    return f"{collection}{slash}{names.get(item, item)}{mark}{fragment}"
