"""glob_match: which texts of a column fit a pattern."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc


def glob_match(column: pa.ChunkedArray | pa.Array, pattern: str) -> pa.ChunkedArray | pa.Array:
    """Compare whole texts with a pattern, without regard to case.

    Parameters
    ----------
    column : pyarrow array of str
    pattern : str
        ``*`` stands for any text, ``?`` for one character; everything else for itself, brackets
        included.

    Returns
    -------
    pyarrow array of bool
        False where there is no text.
    """
    parts = {"*": ".*", "?": "."}
    plain = re.compile(
        "".join(parts.get(one) or re.escape(one) for one in pattern), re.IGNORECASE | re.DOTALL
    )
    # each different text once: a column of a million rows has few
    texts = pc.unique(column).drop_null()
    fits = pa.array([one for one in texts.to_pylist() if plain.fullmatch(one)], pa.string())
    return pc.fill_null(pc.is_in(column, value_set=fits, skip_nulls=True), False)
