"""Box of a map: the region that a heat map points at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.errors import GroundingError


@dataclass(frozen=True)
class MapBox:
    """A box around the hottest region.

    Attributes
    ----------
    box : tuple
        A pair ``(start, end)`` a dim, pixel edges, half-open.
    peak : tuple of int
        Index of the hottest pixel.
    value : float
        There.
    pixels : int
        Of the region.
    regions : int
        How many there are above the threshold.
    """

    box: tuple[tuple[int, int], ...]
    peak: tuple[int, ...]
    value: float
    pixels: int
    regions: int


def box_of_map(heat: NDArray[Any], share: float = 0.5) -> MapBox | None:
    """Take the connected region around the hottest pixel (Wang et al., ChestX-ray8, CVPR 2017).

    Parameters
    ----------
    heat : ndarray, (y, x) or (z, y, x)
    share : float
        0 to 1: the threshold, between the lowest and the highest value of the map. Pixels touch
        by their sides.

    Returns
    -------
    MapBox or None
        None where the map is the same everywhere.

    Raises
    ------
    GroundingError
        The map has no pixels, or values that are not finite.
    """
    from scipy.ndimage import find_objects, label

    if heat.size == 0 or not np.isfinite(heat).all():
        raise GroundingError("The heat map is empty or not finite")
    if not 0 <= share <= 1:
        raise GroundingError(f"A threshold of {share}", expected="0 to 1")
    low, high = float(heat.min()), float(heat.max())
    if low == high:
        return None
    peak = tuple(int(i) for i in np.unravel_index(int(heat.argmax()), heat.shape))
    marks, regions = label(heat >= low + share * (high - low))
    mine = marks[peak]
    spans = find_objects(marks)[mine - 1]
    box = tuple((int(span.start), int(span.stop)) for span in spans)
    return MapBox(box, peak, high, int((marks == mine).sum()), int(regions))
