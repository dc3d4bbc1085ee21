"""The schema of a Lance table, of its columns' names and kinds."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

TEXT = pa.string()
TEXTS = pa.list_(pa.string())
INT = pa.int64()
REAL = pa.float64()


def table_schema(*fields: tuple[str, Any]) -> pa.Schema:
    """Make a schema of (name, kind) pairs; every column may be null."""
    return pa.schema([pa.field(name, kind) for name, kind in fields])
