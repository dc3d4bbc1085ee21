"""json_rows: columns of JSON lists as one table, a row an entry."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from graphs.hetero.text_columns import Ints, whole


def json_rows(column: pa.Array, schema: pa.Schema) -> tuple[Ints, pa.Table]:
    """Read JSON lists of objects.

    Parameters
    ----------
    column : pyarrow.Array of string, (row,)
        Null, or a list as JSON.
    schema : pyarrow.Schema
        Of the entries; other fields are left out.

    Returns
    -------
    parent : ndarray of int64, (entry,)
        The row of each entry.
    entries : pyarrow.Table
    """
    text = pc.fill_null(column, "[]")
    rows = np.flatnonzero(~np.asarray(pc.is_in(text, pa.array(["[]", "", "null"]))))
    if not len(rows):
        return np.zeros(0, np.int64), schema.empty_table()
    some = text.take(pa.array(rows))
    one_line = not pc.any(pc.match_substring_regex(some, "[\r\n]")).as_py()
    kind = pa.list_(pa.struct(list(schema)))
    if one_line:
        lines = pc.binary_join_element_wise('{"r":', some, "}\n", "")
        stream = io.BytesIO("".join(lines.to_pylist()).encode())
        options = arrow_json.ParseOptions(
            explicit_schema=pa.schema([("r", kind)]), unexpected_field_behavior="ignore"
        )
        # a line is a row, and a block has to hold one
        reading = arrow_json.ReadOptions(block_size=max(1 << 20, len(stream.getbuffer()) // 8))
        try:
            found = arrow_json.read_json(stream, reading, options)["r"]
        except pa.ArrowInvalid:
            pass
        else:
            if len(found) == len(rows):
                return _flat(whole(found), rows, schema)
    return _flat(pa.array([_listed(one, schema) for one in some.to_pylist()], kind), rows, schema)


def _flat(lists: pa.Array, rows: Ints, schema: pa.Schema) -> tuple[Ints, pa.Table]:
    parent = np.asarray(pc.list_parent_indices(lists)).astype(np.int64)
    entries = pc.list_flatten(lists)
    there = entries.is_valid()
    entries = entries.filter(there)
    columns = {name: pc.struct_field(entries, name) for name in schema.names}
    return rows[parent[np.asarray(there)]], pa.table(columns, schema=schema)


def _listed(text: str, schema: pa.Schema) -> list[dict[str, Any]]:
    """What Arrow's reader refuses, such as a list with something else among its objects."""
    found = json.loads(text)
    return [
        {name: _fitting(one.get(name), schema.field(name).type) for name in schema.names}
        for one in found if isinstance(one, dict)
    ]  # fmt: skip


def _fitting(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_string(kind):
        return str(value)
    if pa.types.is_list(kind):
        return [None if one is None else float(one) for one in value]
    return value
