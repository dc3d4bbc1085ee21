"""shares_words: what shares come to that do not sum to 1."""

from __future__ import annotations

import math
from collections.abc import Mapping

_ROUNDED = 1e-6


def shares_words(shares: Mapping[str, float]) -> str:
    """Say how shares are divided by their sum: 8 : 1 : 1, or percentages.

    Parameters
    ----------
    shares : mapping of str to float
        Part to share.

    Returns
    -------
    str
        'shares 8 : 1 : 1 of 10, so train 80%, val 10%, test 10%'; empty where they sum to 1.
    """
    numbers = list(shares.values())
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in numbers):
        return ""  # refused where they are used
    total = math.fsum(numbers)
    if total <= 0 or min(numbers) < 0 or abs(total - 1) <= _ROUNDED:
        return ""
    said = " : ".join(f"{one:g}" for one in numbers)
    parts = ", ".join(f"{part} {100 * one / total:.4g}%" for part, one in shares.items())
    return f"shares {said} of {total:g}, so {parts}"
