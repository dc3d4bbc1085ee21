"""HeatLayer: numbers between 0 and 1 over an image, on whatever grid they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import map_coordinates

from explorer.errors import GeometryError
from explorer.space import lps_to_index
from widgets.lattice import Lattice
from widgets.pane import Pane


class HeatLayer:
    """A map such as `graphs.grounding.HeatMap.values` gives.

    Parameters
    ----------
    values : array_like, (z, y, x) or (y, x)
        0 to 1; NaN where there is nothing.
    lattice : Lattice
        Where the voxels of the shown image lie.
    affine : array_like, (4, 4), optional
        Of `values`, index ``(x, y, z, 1)`` to mm LPS; the image's own grid by default.

    Raises
    ------
    GeometryError
        Without an affine the shape must be the image's; values are 0 to 1.
    """

    def __init__(
        self, values: ArrayLike, lattice: Lattice, affine: ArrayLike | None = None
    ) -> None:
        found = np.asarray(values, np.float32)
        if found.ndim == 2:
            found = found[None]
        if found.ndim != 3 or (affine is None and found.shape != lattice.shape):
            raise GeometryError(
                f"A heat map of shape {np.shape(values)}",
                expected=f"the image's (z, y, x) {lattice.shape}, or an affine of its own",
            )
        finite = found[np.isfinite(found)]
        if finite.size and (finite.min() < 0 or finite.max() > 1):
            raise GeometryError(
                f"A heat map from {finite.min():g} to {finite.max():g}", expected="0 to 1"
            )
        self.values = found
        self._lattice = lattice
        self._affine = None if affine is None else np.asarray(affine, float)

    def plane(self, axis: int, index: int) -> NDArray[np.float32]:
        """The map on one plane of the shown image; NaN where it has nothing."""
        if self._affine is None:
            return np.asarray(self.values.take(index, axis))
        at = lps_to_index(self._affine, self._lattice.plane_lps(axis, index))
        limit = np.asarray(self.values.shape)
        inside = ((at >= -0.5) & (at <= limit - 0.5)).all(axis=-1)
        out = np.full(inside.shape, np.nan, np.float32)
        out[inside] = map_coordinates(self.values, at[inside].T, order=1, mode="nearest")
        return out

    def part(self, pane: Pane, index: int, time: int) -> tuple[dict[str, Any], bytes]:
        """See `Layer.part`: float32, rows from the top, NaN where there is nothing."""
        del time
        return {"dtype": "float32"}, pane.arrange(self.plane(pane.axis, index)).tobytes()
