"""The on-disk format, version 1 (prose: docs/format.md): names, schemas, where things lie.

Nothing in here reads or writes; `records`, `arrays` and `store` do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

FORMAT = "oncograph"
VERSION = 1

MARKER = "oncograph.json"
TABLES = "tables"
PATIENTS = "patients"
LOCKS = "locks"
SCRATCH = "scratch"

# Rows that belong to no patient (files that could not be given to one) stand under this key.
UNASSIGNED = "~files"

CHUNK = (64, 64, 64)


def _schema(*fields: tuple[str, Any]) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in fields])


_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())
_INT = pa.int64()
_REAL = pa.float64()

_ROW = (("patient", _TEXT), ("commit", _TEXT))

RECORDS: dict[str, pa.Schema] = {
    "attributes": _schema(
        *_ROW,
        ("label", _TEXT),
        ("issuer", _TEXT),
        ("made_up", pa.bool_()),
        ("sex", _TEXT),
        ("birth_date", _TEXT),
        ("anchor_date", _TEXT),
        ("anchor_kind", _TEXT),
        ("anchor_source", _TEXT),
        ("synthetic", pa.bool_()),
        ("note", _TEXT),
    ),
    "items": _schema(
        *_ROW,
        ("item", _TEXT),
        ("kind", _TEXT),
        ("modality", _TEXT),
        ("name", _TEXT),
        ("study_uid", _TEXT),
        ("series_uid", _TEXT),
        ("frame_of_reference", _TEXT),
        ("acquired", _TEXT),
        ("day", _INT),
        ("day_state", _TEXT),
        ("dims", _TEXTS),
        ("shape", pa.list_(_INT)),
        ("spacing_mm", pa.list_(_REAL)),
        ("affine", pa.list_(_REAL)),
        ("dtype", _TEXT),
        ("value_dtype", _TEXT),
        ("units", _TEXT),
        ("units_reason", _TEXT),
        ("storage", _TEXT),
        ("state", _TEXT),
        ("image", _TEXT),
        ("image_reason", _TEXT),
        ("labels", _TEXTS),
        ("body_part", _TEXT),
        ("laterality", _TEXT),
        ("problems", _TEXTS),
        ("synthetic", pa.bool_()),
        ("meta", _TEXT),
    ),
    "segments": _schema(
        *_ROW,
        ("item", _TEXT),
        ("position", _INT),
        ("number", _INT),
        ("name", _TEXT),
        ("code_value", _TEXT),
        ("code_scheme", _TEXT),
        ("code_meaning", _TEXT),
        ("category", _TEXT),
        ("algorithm_type", _TEXT),
        ("algorithm_name", _TEXT),
        ("color", pa.list_(_INT)),
        ("voxels", _INT),
        ("volume_mm3", _REAL),
    ),
    "files": _schema(
        *_ROW,
        ("uri", _TEXT),
        ("root", _TEXT),
        ("status", _TEXT),
        ("reason", _TEXT),
        ("item", _TEXT),
        ("position", _INT),
        ("sop_uid", _TEXT),
        ("size", _INT),
        ("mtime_ns", _INT),
        ("sha256", _TEXT),
    ),
    "facts": _schema(
        *_ROW,
        ("name", _TEXT),
        ("value", _TEXT),
        ("number", _REAL),
        ("unit", _TEXT),
        ("code", _TEXT),
        ("day", _INT),
        ("date", _TEXT),
        ("state", _TEXT),
        ("source", _TEXT),
    ),
    "texts": _schema(
        *_ROW,
        ("item", _TEXT),
        ("name", _TEXT),
        ("text", _TEXT),
        ("language", _TEXT),
        ("date", _TEXT),
        ("day", _INT),
        ("day_state", _TEXT),
        ("source", _TEXT),
        ("synthetic", pa.bool_()),
    ),
}

HEADS: pa.Schema = _schema(
    ("patient", _TEXT),
    ("version", _INT),
    ("commit", _TEXT),
    ("snapshot", _TEXT),
    ("updated", _TEXT),
    *((f"at_{table}", _TEXT) for table in RECORDS),
)

COMMITS: pa.Schema = _schema(
    ("patient", _TEXT),
    ("version", _INT),
    ("commit", _TEXT),
    ("parent", _TEXT),
    ("snapshot", _TEXT),
    ("time", _TEXT),
    ("message", _TEXT),
    *((f"at_{table}", _TEXT) for table in RECORDS),
)

ALIASES: pa.Schema = _schema(
    ("issuer", _TEXT), ("identifier", _TEXT), ("patient", _TEXT), ("time", _TEXT)
)

ROOTS: pa.Schema = _schema(("root", _TEXT), ("issuer", _TEXT), ("time", _TEXT))

STORE_TABLES: dict[str, pa.Schema] = {
    "patients": HEADS,
    "commits": COMMITS,
    "aliases": ALIASES,
    "roots": ROOTS,
}

ALL_TABLES: dict[str, pa.Schema] = {**STORE_TABLES, **RECORDS}


def table_path(store: Path, table: str) -> Path:
    """Where a Lance table of the store lies."""
    return store / TABLES / f"{table}.lance"


def repository_path(store: Path, key: str) -> Path:
    """Where a patient's Icechunk repository lies; its name is the opaque key."""
    return store / PATIENTS / key


def lock_path(store: Path, name: str) -> Path:
    """The lock file of a patient (its key) or of a store-wide step ('heads', 'identity')."""
    return store / LOCKS / f"{name}.lock"


def image_group(item: str) -> str:
    """Group of an image inside the patient's repository."""
    return f"images/{item}"


def segmentation_group(item: str) -> str:
    """Group of a segmentation inside the patient's repository."""
    return f"segmentations/{item}"
