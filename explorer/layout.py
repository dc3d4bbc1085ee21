"""The on-disk format, version 4 (prose: docs/format.md): names, schemas, where things lie.

Nothing in here reads or writes; `records`, `arrays` and `store` do. The schemas of the tables are
in `record_tables` and `store_tables`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from explorer.place import Place
from explorer.record_tables import RECORDS, ROW_NAMES
from explorer.store_tables import (
    ALIASES,
    COHORTS,
    COMMITS,
    FEATURES,
    HEADS,
    JOINS,
    MAPPINGS,
    MEMBERS,
    PARTS,
    PINS,
    ROOTS,
    SPLITS,
    STORE_TABLES,
    TASKS,
    TOMBSTONES,
)

__all__ = [
    "ALIASES",
    "ALL_TABLES",
    "ARRAY_KINDS",
    "CHUNK",
    "COHORTS",
    "COMMITS",
    "COMMIT_TABLES",
    "DERIVED_TABLES",
    "ERASING",
    "FEATURES",
    "FORMAT",
    "HEADS",
    "JOINS",
    "KEYS",
    "LOCKS",
    "MAPPINGS",
    "MARKER",
    "MEMBERS",
    "ORIGIN_TABLES",
    "PARTS",
    "PATIENTS",
    "PINS",
    "PLANE",
    "RECORDS",
    "ROOTS",
    "ROW_NAMES",
    "SCRATCH",
    "SPLITS",
    "STORE_TABLES",
    "TABLES",
    "TASKS",
    "TOMBSTONES",
    "TRAINING",
    "UNASSIGNED",
    "VERSION",
    "P",
    "item_group",
    "lock_path",
    "repository_path",
    "table_path",
    "training_path",
]

# A folder of this machine, or a place that may be on S3.
P = TypeVar("P", Path, Place)

FORMAT = "oncograph"
VERSION = 4

MARKER = "oncograph.json"
TABLES = "tables"
PATIENTS = "patients"
TRAINING = "training"
LOCKS = "locks"
SCRATCH = "scratch"
ERASING = "erasing"

# Rows that belong to no patient (files that could not be given to one) stand under this key.
UNASSIGNED = "~files"

CHUNK = (64, 64, 64)
PLANE = 512

# Rows that carry an `origin`: what was read from one source is replaced, and goes, as a whole.
ORIGIN_TABLES = ("facts", "texts", "events", "observations", "vectors")

# Rows that carry a `run`: what was derived from the patient's own reports and images.
DERIVED_TABLES = ("runs", "findings", "groundings", "nodes", "edges", "verdicts")

# Every commit writes these.
COMMIT_TABLES = ("patients", "commits", "aliases")

# Kinds of items that have arrays.
ARRAY_KINDS = ("image", "segmentation", "waveform", "slide")

ALL_TABLES: dict[str, pa.Schema] = {**STORE_TABLES, **RECORDS}

# What stands once in a table of the store.
KEYS: dict[str, tuple[str, ...]] = {
    "patients": ("patient",),
    "aliases": ("issuer", "identifier"),
    "roots": ("root",),
    "cohorts": ("name",),
    "splits": ("name",),
}


def table_path(store: P, table: str) -> P:
    """Where a Lance table of the store lies."""
    return store / TABLES / f"{table}.lance"


def repository_path(store: P, key: str) -> P:
    """Where a patient's Icechunk repository lies; its name is the opaque key."""
    return store / PATIENTS / key


def training_path(store: P, key: str) -> P:
    """Where a patient's training chunks lie: whoever deletes the repository deletes them too."""
    return repository_path(store, key) / TRAINING


def lock_path(store: P, name: str) -> P:
    """The lock file of a patient (its key) or of a store-wide step ('identity', 'tables', ...)."""
    return store / LOCKS / f"{name}.lock"


def item_group(kind: str, item: str) -> str:
    """Group of an item inside the patient's repository: ``images/ct-3f9a2c41``."""
    return f"{kind}s/{item}"
