"""Colour tables for images: grey, and four that people of any colour vision read alike."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

#: Names; all but grey are matplotlib's, of even steps in lightness
#: (https://matplotlib.org/stable/users/explain/colors/colormaps.html).
LUTS = ("grey", "viridis", "cividis", "magma", "inferno")


@cache
def lut(name: str) -> NDArray[np.uint8]:
    """A colour table.

    Parameters
    ----------
    name : str
        One of `LUTS`.

    Returns
    -------
    ndarray, (256, 3), uint8
        From the lowest value to the highest.

    Raises
    ------
    KeyError
        There is none of that name.
    """
    if name == "grey":
        return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    if name not in LUTS:
        raise KeyError(name)
    from matplotlib import colormaps  # half a second, and most views are grey

    return np.asarray(np.rint(255 * colormaps[name](np.arange(256))[:, :3]), np.uint8)
