"""Colour tables for values: grey, and some that people of any colour vision can read."""

from __future__ import annotations

from explorer.errors import NotFoundError

#: Besides grey: matplotlib's, whose brightness grows evenly (cividis: Nunez et al. 2018).
LUTS = ("grey", "inferno", "magma", "viridis", "cividis")


def lut_table(name: str) -> list[int]:
    """Red, green and blue of 256 steps, 768 numbers 0 to 255; empty of grey.

    Raises
    ------
    NotFoundError
        There is no such table.
    """
    if name not in LUTS:
        raise NotFoundError(f"No colour table {name!r}", expected=f"one of {LUTS}")
    if name == "grey":
        return []
    from matplotlib import colormaps

    return [round(255 * float(part)) for k in range(256) for part in colormaps[name](k)[:3]]
