"""is_quantity: whether the values of a fact are amounts, or names and codes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_CATEGORIES = 12  # so few different numbers are codes: a stage, 0 and 1
_NUMBER = r"^\s*[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?\s*$"


def is_quantity(
    texts: pa.Array | pa.ChunkedArray, numbers: NDArray[np.float64], unit: str = ""
) -> bool:
    """Tell an amount; a few whole numbers without a unit are codes, 0 and 1.

    Parameters
    ----------
    texts : pyarrow array of str
        The values as they were written; null where only a number is known.
    numbers : ndarray of float
        NaN where a value is none.
    unit : str
        Empty, or '1', where there is none.

    Returns
    -------
    bool
    """
    if not len(numbers) or not np.isfinite(numbers).all():
        return False
    different = pc.unique(texts.drop_null())
    if not pc.all(pc.match_substring_regex(different, _NUMBER), min_count=0).as_py():
        return False  # 'obvious' of a scale has a number, and is a word
    values = np.unique(numbers)
    return unit not in ("", "1") or len(values) > _CATEGORIES or bool((values % 1 != 0).any())
