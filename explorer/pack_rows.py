"""The rows of a patient as they stand in a pack: without the store that they were in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from explorer.errors import FileRefusedError
from explorer.layout import FEATURES, RECORDS
from explorer.pack_format import ROWS, as_bytes

if TYPE_CHECKING:
    from explorer.patient import Patient
    from explorer.store import Store

Row = dict[str, Any]

FEATURE_ROWS = f"{ROWS}/features.jsonl"
_OF_THE_STORE = ("patient", "commit", "came_as")
_PREFIX = re.compile(r"pack-[0-9a-f]{16}/")


def pack_rows(store: Store, patient: Patient, left: set[str]) -> Iterator[tuple[str, bytes]]:
    """The rows of one version, a file a table.

    Paths lose what lies above the source tree: where the sender keeps files is nobody's business.

    Parameters
    ----------
    store : Store
    patient : Patient
        At the version that is packed.
    left : set of str
        Items whose pixels stay outside.

    Yields
    ------
    name : str
    data : bytes
    """
    places = {row["uri"]: _plain(row["uri"], row["root"]) for row in patient.rows("files")}
    ids = {row["features"] for row in patient.rows("vectors")}
    features = store.records.features(ids).items()
    tables = {"features": [{"features": one, "names": names} for one, names in features]}
    for table in RECORDS:
        rows = [_row(row, table, places, left) for row in patient.rows(table) if _goes(row, table)]
        tables[table] = rows
    for table, rows in sorted(tables.items()):
        if rows:
            lines = sorted(as_bytes(row) for row in rows)
            yield f"{ROWS}/{table}.jsonl", b"".join(line + b"\n" for line in lines)


def _goes(row: Row, table: str) -> bool:
    # of a patient who was joined, the one who is visible speaks
    return table != "attributes" or row["came_as"] is None


def _row(row: Row, table: str, places: dict[str, str], left: set[str]) -> Row:
    row = {name: value for name, value in row.items() if name not in _OF_THE_STORE}
    if table == "attributes":
        del row["issuer"]
    elif table == "files":
        row |= {"uri": places[row["uri"]], "root": None}
        if row["status"] == "referenced" and row["item"] not in left:
            row["status"] = "ingested"
    elif table == "items" and row["item"] not in left:
        row["storage"] = "copied"
    if row.get("source"):
        row["source"] = places.get(row["source"]) or _plain(row["source"], None)
    return {name: value for name, value in row.items() if value is not None}


def _plain(uri: str, root: str | None) -> str:
    if _PREFIX.match(uri):
        return _PREFIX.sub("", uri, 1)
    file, mark, member = uri.partition("!")
    path = PurePath(file)
    if root and path.is_relative_to(root):
        return path.relative_to(root).as_posix() + mark + member
    return path.name + mark + member


def unpack_rows(data: bytes, table: str, issuer: str) -> list[Row]:
    """Read the rows of a table back.

    Parameters
    ----------
    data : bytes
    table : str
    issuer : str
        Of the pack: identifiers and source files are its own, and nobody else's.

    Raises
    ------
    FileRefusedError
        They are not rows of such a table.
    """
    schema = FEATURES if table == "features" else RECORDS.get(table)
    if schema is None:
        raise FileRefusedError(f"There is no table {table!r}")
    try:
        lines = [line.decode("utf-8", "surrogatepass") for line in data.split(b"\n") if line]
        rows = [json.loads(line) for line in lines]
        if not all(isinstance(row, dict) and set(row) <= set(schema.names) for row in rows):
            raise ValueError("fields that it does not have")
        whole: list[Row] = pa.Table.from_pylist(rows, schema=schema).to_pylist()
    except (ValueError, TypeError, pa.ArrowException) as error:
        raise FileRefusedError(f"Not rows of {table}: {error}") from error
    for row in whole:
        if table == "attributes":
            row["issuer"] = issuer
        for name in ("uri", "source"):
            if row.get(name):
                row[name] = f"{issuer}/{row[name]}"
        for name in _OF_THE_STORE:
            row.pop(name, None)
    return whole
