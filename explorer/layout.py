"""The on-disk format, version 4 (prose: docs/format.md): names, schemas, where things lie.

Nothing in here reads or writes; `records`, `arrays` and `store` do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from explorer.place import Place

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


def _schema(*fields: tuple[str, Any]) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in fields])


_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())
_INT = pa.int64()
_REAL = pa.float64()

# `came_as`: of a patient who was joined, the key that the row came in as; null for the own rows.
_ROW = (("patient", _TEXT), ("commit", _TEXT), ("came_as", _TEXT))
ROW_NAMES = tuple(name for name, _ in _ROW)

# Where a record stands: the id of the source that it was read from, the file's name and hash, and
# the row in it, counted from 1 without the head.
_FOUND = (("source", _TEXT), ("origin", _TEXT), ("sha256", _TEXT), ("row", _INT))

# When: an ISO date, or the source's own count of days from what it calls zero. `day` is from the
# patient's time zero, and `day_state` says why there is none.
_WHEN = (
    ("date", _TEXT),
    ("days", _INT),
    ("day_from", _TEXT),
    ("day", _INT),
    ("day_state", _TEXT),
)

# What a program made of the rest in one run; `current` until a newer run of the same kind and
# producer has looked at the same input.
_RUN = (("run", _TEXT), ("current", pa.bool_()))

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
        ("reading", _TEXT),
    ),
    "facts": _schema(
        *_ROW,
        ("name", _TEXT),
        ("value", _TEXT),
        ("number", _REAL),
        ("unit", _TEXT),
        ("code", _TEXT),
        ("state", _TEXT),
        ("column", _TEXT),
        ("synthetic", pa.bool_()),
        *_WHEN,
        *_FOUND,
    ),
    "events": _schema(
        *_ROW,
        ("kind", _TEXT),
        ("name", _TEXT),
        ("code", _TEXT),
        ("code_scheme", _TEXT),
        ("value", _TEXT),
        ("number", _REAL),
        ("unit", _TEXT),
        ("state", _TEXT),
        ("end_date", _TEXT),
        ("end_days", _INT),
        ("end_day", _INT),
        ("detail", _TEXT),
        ("synthetic", pa.bool_()),
        *_WHEN,
        *_FOUND,
    ),
    "observations": _schema(
        *_ROW,
        ("group", _TEXT),
        ("group_uid", _TEXT),
        ("name", _TEXT),
        ("code", _TEXT),
        ("value", _TEXT),
        ("number", _REAL),
        ("unit", _TEXT),
        ("state", _TEXT),
        ("method", _TEXT),
        ("finding", _TEXT),
        ("finding_code", _TEXT),
        ("site", _TEXT),
        ("site_code", _TEXT),
        ("laterality", _TEXT),
        ("target", _TEXT),
        ("detail", _TEXT),
        ("synthetic", pa.bool_()),
        *_WHEN,
        *_FOUND,
    ),
    "vectors": _schema(
        *_ROW,
        ("name", _TEXT),
        ("features", _TEXT),
        ("values", pa.list_(pa.float32())),
        ("unit", _TEXT),
        ("state", _TEXT),
        ("producer", _TEXT),
        ("synthetic", pa.bool_()),
        *_WHEN,
        *_FOUND,
    ),
    "texts": _schema(
        *_ROW,
        ("item", _TEXT),
        ("name", _TEXT),
        ("text", _TEXT),
        ("language", _TEXT),
        ("detail", _TEXT),
        ("synthetic", pa.bool_()),
        *_WHEN,
        *_FOUND,
    ),
    "runs": _schema(
        *_ROW,
        *_RUN,
        ("kind", _TEXT),
        ("producer", _TEXT),
        ("version", _TEXT),
        ("checkpoint", _TEXT),
        ("settings", _TEXT),
        ("input", _TEXT),
        ("input_sha256", _TEXT),
        ("time", _TEXT),
        ("state", _TEXT),
        ("document", _TEXT),
        ("detail", _TEXT),
        ("synthetic", pa.bool_()),
    ),
    "findings": _schema(
        *_ROW,
        *_RUN,
        ("finding", _TEXT),
        ("item", _TEXT),
        ("start", _INT),
        ("end", _INT),
        ("text", _TEXT),
        ("section", _TEXT),
        ("sentence", _INT),
        ("sentence_start", _INT),
        ("sentence_end", _INT),
        ("entity", _TEXT),
        ("code", _TEXT),
        ("labels", _TEXTS),
        ("anatomy", _TEXTS),
        ("anatomy_codes", _TEXTS),
        ("location", _TEXT),
        ("laterality", _TEXT),
        ("assertion", _TEXT),
        ("change", _TEXT),
        ("measurements", _TEXT),
        ("refers", _TEXT),
        ("relations", _TEXT),
        ("detail", _TEXT),
        ("synthetic", pa.bool_()),
    ),
    "groundings": _schema(
        *_ROW,
        *_RUN,
        ("grounding", _TEXT),
        ("finding", _TEXT),
        ("status", _TEXT),
        ("method", _TEXT),
        ("region", _TEXT),
        ("geometry", _TEXT),
        ("target", _TEXT),
        ("score", _REAL),
        ("evidence", _TEXT),
        ("alternatives", _TEXT),
        ("reason", _TEXT),
        ("reviewer", _TEXT),
        ("reviewed", _TEXT),
        ("detail", _TEXT),
        ("synthetic", pa.bool_()),
    ),
    "nodes": _schema(
        *_ROW,
        *_RUN,
        ("node", _TEXT),
        ("kind", _TEXT),
        ("name", _TEXT),
        ("code", _TEXT),
        ("assertion", _TEXT),
        ("target", _TEXT),
        ("number", _REAL),
        ("unit", _TEXT),
        ("detail", _TEXT),
        ("synthetic", pa.bool_()),
    ),
    "edges": _schema(
        *_ROW,
        *_RUN,
        ("edge", _TEXT),
        ("kind", _TEXT),
        ("tail", _TEXT),
        ("head", _TEXT),
        ("number", _REAL),
        ("unit", _TEXT),
        ("detail", _TEXT),
        ("synthetic", pa.bool_()),
    ),
    "verdicts": _schema(
        *_ROW,
        *_RUN,
        ("finding", _TEXT),
        ("cue", _TEXT),
        ("verdict", _TEXT),
        ("report_value", _TEXT),
        ("image_value", _TEXT),
        ("evidence", _TEXTS),
        ("reason", _TEXT),
        ("detail", _TEXT),
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

# Joins of two patients by a person's word: `patient` went into `into`; `undone` ends it.
JOINS: pa.Schema = _schema(
    ("patient", _TEXT), ("into", _TEXT), ("reason", _TEXT), ("detail", _TEXT), ("time", _TEXT),
    ("undone", _TEXT),
)  # fmt: skip

# What the columns of a source table mean, as a person has said it (YAML).
MAPPINGS: pa.Schema = _schema(
    ("origin", _TEXT), ("name", _TEXT), ("text", _TEXT), ("sha256", _TEXT), ("time", _TEXT)
)

# The names of a vector's entries, once for all patients that have such a vector.
FEATURES: pa.Schema = _schema(
    ("features", _TEXT), ("name", _TEXT), ("names", _TEXTS), ("time", _TEXT)
)

# Who holds what outside of a patient's own history: frozen cohorts, and files handed over.
PINS: pa.Schema = _schema(
    ("holder", _TEXT), ("kind", _TEXT), ("patient", _TEXT), ("version", _INT),
    ("snapshot", _TEXT), ("place", _TEXT), ("time", _TEXT),
)  # fmt: skip

# Frozen cohorts: who froze which question when, with which software (a JSON document); the
# members' versions; and splits of a cohort, with who is in which part.
COHORTS: pa.Schema = _schema(
    ("cohort", _TEXT), ("name", _TEXT), ("time", _TEXT), ("sha256", _TEXT), ("document", _TEXT)
)
MEMBERS: pa.Schema = _schema(
    ("cohort", _TEXT), ("patient", _TEXT), ("version", _INT), ("commit", _TEXT),
    ("snapshot", _TEXT), ("sha256", _TEXT),
)  # fmt: skip
SPLITS: pa.Schema = _schema(
    ("split", _TEXT), ("name", _TEXT), ("cohort", _TEXT), ("time", _TEXT), ("sha256", _TEXT),
    ("document", _TEXT),
)  # fmt: skip
PARTS: pa.Schema = _schema(("split", _TEXT), ("patient", _TEXT), ("part", _TEXT))

# Tasks (a JSON document each), with the split that each one is scored on.
TASKS: pa.Schema = _schema(
    ("name", _TEXT), ("time", _TEXT), ("sha256", _TEXT), ("split", _TEXT),
    ("split_sha256", _TEXT), ("document", _TEXT),
)  # fmt: skip

# Digests that say of a file or an identifier, to who has it, that it was erased; see `tombstones`.
TOMBSTONES: pa.Schema = _schema(("digest", _TEXT), ("time", _TEXT))

STORE_TABLES: dict[str, pa.Schema] = {
    "patients": HEADS,
    "commits": COMMITS,
    "aliases": ALIASES,
    "roots": ROOTS,
    "joins": JOINS,
    "mappings": MAPPINGS,
    "features": FEATURES,
    "pins": PINS,
    "cohorts": COHORTS,
    "members": MEMBERS,
    "splits": SPLITS,
    "parts": PARTS,
    "tasks": TASKS,
    "tombstones": TOMBSTONES,
}

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
