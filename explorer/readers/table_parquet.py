"""Parquet: read in a child process, handed over as columns of text."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa

from explorer.errors import FileRefusedError
from explorer.readers.table_sheet import Sheet, unique_names

CHILD_BYTES = 6 << 30
_SECONDS = 300.0


def read_parquet_table(path: Path, name: str) -> Sheet:
    """Read a Parquet file.

    Arrow's reader is C++; on hostile bytes it may crash or reserve what a length claims. In a
    child with bounded memory that costs the file, not the notebook.

    Parameters
    ----------
    path : pathlib.Path
    name : str
        What people call it.

    Returns
    -------
    Sheet
        Numbers, dates and nested values as text (dates ISO, nested ones JSON).

    Raises
    ------
    FileRefusedError
        It is broken, or too large.
    """
    # by path and with -P, as the decoder's child: this folder's modules are no top-level ones
    script = Path(__file__).with_name("table_child.py")
    with tempfile.TemporaryDirectory(prefix="oncograph-") as folder:
        out = Path(folder) / "table.arrow"
        out.touch(mode=0o600)
        try:
            done = subprocess.run(
                [sys.executable, "-P", str(script), str(path), str(out), str(CHILD_BYTES)],
                timeout=_SECONDS,
                capture_output=True,
                check=False,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            )
        except subprocess.TimeoutExpired:
            raise FileRefusedError(f"Reading {name} took more than {_SECONDS:.0f} s") from None
        if done.returncode == 3:
            reason = done.stdout.decode("utf-8", "replace").strip()[:300]
            raise FileRefusedError(f"The Parquet file cannot be read: {reason}")
        if done.returncode:
            raise FileRefusedError("The Parquet file is broken: its reader crashed")
        with pa.OSFile(str(out)) as file:
            data = pa.ipc.open_stream(file).read_all()
    data = data.rename_columns(unique_names(data.column_names))
    return Sheet(None, data, None, "Parquet")
