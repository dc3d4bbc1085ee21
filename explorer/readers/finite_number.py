"""A number out of a cell."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)


def finite_number(text: str | None) -> float | None:
    """The number that a cell is, or None where it is none, infinite or not a number.

    Parameters
    ----------
    text : str or None
        Blanks at its ends do not count; a decimal comma is none.
    """
    if text is None or len(text) > 64 or not _NUMBER.fullmatch(text.strip()):
        return None
    found = float(text)
    return found if math.isfinite(found) else None


def whole_number(text: str | None) -> int | None:
    """The whole number that a cell is (``-12``, ``12.0``), or None."""
    found = finite_number(text)
    return int(found) if found is not None and found == int(found) and abs(found) < 1e15 else None
