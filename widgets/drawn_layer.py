"""DrawnLayer: how a layer is mixed into a figure; the same rule as in the browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from widgets.luts import lut


@dataclass(frozen=True)
class DrawnLayer:
    """A second image or a heat map, as a figure shows it.

    Attributes
    ----------
    plane : callable
        Axis and index to the values on that plane of the shown image; NaN where there are none.
    table : str
        One of `luts.LUTS`.
    opacity : float
    scale : tuple
        Window, level, and whether the table is turned round.
    fades : bool
        Low values are transparent.
    title, units : str
        For the legend; hostile text.
    """

    plane: Callable[[int, int], NDArray[Any]]
    table: str
    opacity: float
    scale: tuple[float, float, bool] = (1.0, 0.5, False)
    fades: bool = True
    title: str = ""
    units: str = ""

    def lay_over(self, picture: NDArray[np.float32], values: NDArray[np.float32]) -> None:
        """Mix values into a picture ``(rows, cols, 3)`` of 0 to 1, in place."""
        window, level, invert = self.scale
        there = np.isfinite(values)
        part = np.clip((values[there] - level) / window + 0.5, 0, 1)
        entry = np.rint(255 * (1 - part if invert else part)).astype(int)
        weight = (self.opacity * (part if self.fades else np.ones_like(part)))[:, None]
        color = lut(self.table)[entry] / np.float32(255)
        picture[there] = picture[there] * (1 - weight) + color * weight
