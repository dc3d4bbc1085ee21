"""The digest of a patient's rows, for many patients at once."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from explorer.layout import RECORDS

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

# Rows that are Python objects at one time: a table of millions is taken piece by piece.
_AT_ONCE = 20_000


def row_digests(
    members: PatientSet, step: Callable[[str], None] = lambda words: None
) -> dict[str, str]:
    """A sha256 a patient over all rows of its version, whatever their order.

    A row is written as JSON in UTF-8: names sorted, escapes for all but ASCII, no space; without
    `patient` and `commit`, which are names that the store gave, and without what is null, so that
    a column that a later format adds changes nothing. The digest of a table is that of its rows'
    sorted digests; that of a patient is over ``table digest`` of each table that has rows, sorted.
    Vectors speak of the names of their entries by an id: a line with the digest of the names
    stands for them.

    Parameters
    ----------
    members : PatientSet
    step : callable
        Called after each table.

    Returns
    -------
    dict
        Key to digest, of every patient in the set.
    """
    lines: dict[str, list[str]] = {key: [] for key in members.keys}
    for table in RECORDS:
        data = members.rows(table)
        for key, found in _by_patient(data):
            lines[key].append(f"{table} {_of(sorted(found))}")
        if table == "vectors":
            for key, line in _features(members, data):
                lines[key].append(line)
        step(table)
    return {key: _of(sorted(found)) for key, found in lines.items()}


def _by_patient(data: pa.Table) -> Iterator[tuple[str, list[str]]]:
    if not data.num_rows:
        return
    order = pc.sort_indices(data["patient"])
    hidden = [name for name in ("patient", "commit") if name in data.column_names]
    current, found = "", list[str]()
    for start in range(0, data.num_rows, _AT_ONCE):
        part = data.take(order.slice(start, _AT_ONCE))
        keys = part["patient"].to_pylist()
        part = part.drop_columns(hidden)
        full = [name for name in part.column_names if part[name].null_count < part.num_rows]
        for key, row in zip(keys, part.select(full).to_pylist(), strict=True):
            if key != current:
                if found:
                    yield current, found
                current, found = key, []
            found.append(_row(row))
    yield current, found


def _row(row: dict[str, Any]) -> str:
    told = {name: value for name, value in row.items() if value is not None}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _features(members: PatientSet, data: pa.Table) -> Iterator[tuple[str, str]]:
    used: dict[str, set[str]] = defaultdict(set)
    for key, one in zip(data["patient"].to_pylist(), data["features"].to_pylist(), strict=True):
        if one is not None:
            used[key].add(one)
    names = members.store.records.features({one for some in used.values() for one in some})
    digests = {one: _of(json.dumps(text) for text in found) for one, found in names.items()}
    for key, some in used.items():
        for one in some:
            yield key, f"features {one} {digests.get(one)}"


def _of(lines: Any) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()
