"""short_state: a state of absence without the text that led to it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def short_state(states: pa.ChunkedArray) -> pa.ChunkedArray:
    """'unknown' of "unknown: 'tbd?'".

    Parameters
    ----------
    states : pyarrow.ChunkedArray of string
    """
    return pc.replace_substring_regex(states, pattern="(?s):.*", replacement="")
