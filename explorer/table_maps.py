"""Maps of tables: those that a person gives, and those that are kept with the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.draft import Header
from explorer.errors import MapError
from explorer.records import now

if TYPE_CHECKING:
    from explorer.readers.table_meaning import Meaning
    from explorer.store import Store

Row = dict[str, Any]


def read_map_file(path: str | Path) -> list[Meaning]:
    """Read a map that a person has written (``oncograph ingest --map``).

    Parameters
    ----------
    path : str or path

    Returns
    -------
    list of Meaning

    Raises
    ------
    MapError
        It cannot be read, or says what cannot be.
    """
    from explorer.readers.table_map import read_map

    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MapError(f"The map cannot be read: {error}", where=str(path)) from error
    found = read_map(text, Path(path).name)
    for one in found:
        one.by = "person"
    return found


def kept_maps(store: Store) -> list[Row]:
    """The newest map of each table, the last kept first.

    Returns
    -------
    list of dict
        origin, name, text (YAML), sha256 (of what a person said; None where it is a guess), time.
    """
    rows = store.records.read("mappings").to_pylist()
    newest = {row["origin"]: row for row in sorted(rows, key=lambda row: row["time"])}
    return sorted(newest.values(), key=lambda row: row["time"], reverse=True)


def give_maps(store: Store, headers: Sequence[Header], given: Sequence[Meaning]) -> None:
    """Put into each header the map that speaks of its file, and what that makes of its reading.

    What is given now comes first, then what was kept of the same file, then what a person has
    said of files so named.

    Parameters
    ----------
    store : Store
    headers : sequence of Header
        Of tables; `detail` gets ``map`` and ``reading``.
    given : sequence of Meaning
    """
    from explorer.item_id import item_id
    from explorer.readers.apply_map import matches
    from explorer.readers.table_map import read_map, write_map

    kept = kept_maps(store) if headers else []
    by_origin = {row["origin"]: row for row in kept}
    said = [(read_map(row["text"], row["name"]), row) for row in kept if row["sha256"]]
    for header in headers:
        relative = header.source.relative
        mine = [one for one in given if matches(one.files, relative)]
        if mine:
            _put(header, write_map(mine), None)
            continue
        row = by_origin.get(item_id("table", header.source.uri))
        for tables, its in said:
            if row is None and any(matches(one.files, relative) for one in tables):
                row = its
        if row is not None:
            _put(header, row["text"], row["sha256"] or "")


def _put(header: Header, text: str, said: str | None) -> None:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    header.detail["map"] = text
    header.detail["said"] = digest if said is None else said
    own = header.detail.get("reading") or header.reader
    if header.detail["said"]:
        header.detail["reading"] = f"{own}, map {header.detail['said'][:16]}"


def keep_maps(store: Store, rows: Sequence[Row], headers: Sequence[Header]) -> None:
    """Keep what tables mean, where it is not what is kept already.

    Parameters
    ----------
    store : Store
    rows : sequence of dict
        origin, name, text.
    headers : sequence of Header
        Of the same files, after `give_maps`.
    """
    from explorer.item_id import item_id

    by_origin = {item_id("table", one.source.uri): one for one in headers}
    known = {row["origin"]: (row["text"], row["sha256"]) for row in kept_maps(store)}
    fresh = []
    for row in rows:
        header = by_origin.get(row["origin"])
        said = (header.detail.get("said") if header else None) or None
        if known.get(row["origin"]) != (row["text"], said):
            fresh.append({**row, "sha256": said, "time": now()})
    store.records.append("mappings", fresh)
