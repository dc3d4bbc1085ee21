"""The child process that reads Parquet: C++ on hostile bytes, kept at a distance.

Started as a script by `explorer.readers.table_parquet`; it imports nothing of this package. It
writes every column as text to an Arrow stream, or says on stdout what is wrong and ends with 3.
"""

from __future__ import annotations

import json
import sys
from typing import Any

_CELLS = 300_000_000


def limit_memory(limit: int) -> None:
    """Bound the address space where the system can (Linux; not Windows)."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, ValueError, OSError):
        return


def as_text(column: Any) -> Any:
    """Turn a column into strings: dates ISO, nested values JSON, empty text to null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_timestamp(kind):
        texts = [_moment(value) for value in column.to_pylist()]
        return pa.array(texts, pa.string())
    if pa.types.is_nested(kind):
        texts = [
            None if value is None else json.dumps(value, default=str, ensure_ascii=False)
            for value in column.to_pylist()
        ]
        return pa.array(texts, pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        texts = [None if value is None else value.hex() for value in column.to_pylist()]
        return pa.array(texts, pa.string())
    text = column.cast(pa.string())
    # a missing number of pandas is NaN, no text of that name
    empty = pc.equal(text, "nan") if pa.types.is_floating(kind) else pc.equal(text, "")
    return pc.if_else(pc.fill_null(empty, False), pa.scalar(None, pa.string()), text)


def _moment(value: Any) -> str | None:
    if value is None:
        return None
    midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
    return str(value.date().isoformat() if midnight else value.isoformat(sep=" "))


def main() -> int:
    """Read, write, and say what is wrong."""
    path, out, memory = sys.argv[1:]
    import pyarrow as pa
    import pyarrow.parquet as pq

    limit_memory(int(memory))
    try:
        file = pq.ParquetFile(path)
        about = file.metadata
        if about.num_rows * max(about.num_columns, 1) > _CELLS:
            raise ValueError(f"{about.num_rows} rows of {about.num_columns} columns")
        data = file.read(use_threads=False)
        data.validate(full=True)
        columns = [as_text(column) for column in data.columns]
        table = pa.table(columns, names=[str(name) for name in data.column_names])
        with pa.OSFile(out, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
    except Exception as error:  # noqa: BLE001 - whatever Arrow raises is the answer
        sys.stdout.write(f"{type(error).__name__}: {str(error)[:250]}")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
