"""The tables of the store itself: the commit point, names, cohorts, tasks; docs/format.md."""

from __future__ import annotations

import pyarrow as pa

from explorer.record_tables import RECORDS
from explorer.table_schema import INT, TEXT, TEXTS, table_schema

HEADS: pa.Schema = table_schema(
    ("patient", TEXT),
    ("version", INT),
    ("commit", TEXT),
    ("snapshot", TEXT),
    ("updated", TEXT),
    *((f"at_{table}", TEXT) for table in RECORDS),
)

COMMITS: pa.Schema = table_schema(
    ("patient", TEXT),
    ("version", INT),
    ("commit", TEXT),
    ("parent", TEXT),
    ("snapshot", TEXT),
    ("time", TEXT),
    ("message", TEXT),
    *((f"at_{table}", TEXT) for table in RECORDS),
)

ALIASES: pa.Schema = table_schema(
    ("issuer", TEXT), ("identifier", TEXT), ("patient", TEXT), ("time", TEXT)
)

ROOTS: pa.Schema = table_schema(("root", TEXT), ("issuer", TEXT), ("time", TEXT))

# Joins of two patients by a person's word: `patient` went into `into`; `undone` ends it.
JOINS: pa.Schema = table_schema(
    ("patient", TEXT), ("into", TEXT), ("reason", TEXT), ("detail", TEXT), ("time", TEXT),
    ("undone", TEXT),
)  # fmt: skip

# What the columns of a source table mean, as a person has said it (YAML).
MAPPINGS: pa.Schema = table_schema(
    ("origin", TEXT), ("name", TEXT), ("text", TEXT), ("sha256", TEXT), ("time", TEXT)
)

# The names of a vector's entries, once for all patients that have such a vector.
FEATURES: pa.Schema = table_schema(
    ("features", TEXT), ("name", TEXT), ("names", TEXTS), ("time", TEXT)
)

# Who holds what outside of a patient's own history: frozen cohorts, and files handed over.
PINS: pa.Schema = table_schema(
    ("holder", TEXT), ("kind", TEXT), ("patient", TEXT), ("version", INT),
    ("snapshot", TEXT), ("place", TEXT), ("time", TEXT),
)  # fmt: skip

# Frozen cohorts: who froze which question when, with which software (a JSON document); the
# members' versions; and splits of a cohort, with who is in which part.
COHORTS: pa.Schema = table_schema(
    ("cohort", TEXT), ("name", TEXT), ("time", TEXT), ("sha256", TEXT), ("document", TEXT)
)
MEMBERS: pa.Schema = table_schema(
    ("cohort", TEXT), ("patient", TEXT), ("version", INT), ("commit", TEXT),
    ("snapshot", TEXT), ("sha256", TEXT),
)  # fmt: skip
SPLITS: pa.Schema = table_schema(
    ("split", TEXT), ("name", TEXT), ("cohort", TEXT), ("time", TEXT), ("sha256", TEXT),
    ("document", TEXT),
)  # fmt: skip
PARTS: pa.Schema = table_schema(("split", TEXT), ("patient", TEXT), ("part", TEXT))

# Tasks (a JSON document each), with the split that each one is scored on.
TASKS: pa.Schema = table_schema(
    ("name", TEXT), ("time", TEXT), ("sha256", TEXT), ("split", TEXT),
    ("split_sha256", TEXT), ("document", TEXT),
)  # fmt: skip

# Digests that say of a file or an identifier, to who has it, that it was erased; see `tombstones`.
TOMBSTONES: pa.Schema = table_schema(("digest", TEXT), ("time", TEXT))

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
