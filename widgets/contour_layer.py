"""ContourLayer: polylines in space, such as a planning system draws them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.space import lps_to_index
from widgets.lattice import Lattice
from widgets.palette import SKY
from widgets.pane import Pane

_FIELDS = {"points", "voxels", "closed", "label", "color", "address"}
_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")


class ContourLayer:
    """Contours where they lie in a plane, and the points where the others cross it.

    Parameters
    ----------
    contours : sequence of mapping
        ``points`` ``(n, 3)`` mm LPS or ``voxels`` ``(n, 3)`` as ``[z, y, x]``; ``closed`` (True
        by default), ``label`` (hostile text), ``color`` ('#rrggbb'), ``address``.
    lattice : Lattice
        Of the image that is shown.

    Raises
    ------
    ValueError
        A contour is none.
    """

    def __init__(self, contours: Sequence[Mapping[str, Any]], lattice: Lattice) -> None:
        self.styles: list[dict[str, Any]] = []
        self._voxels: list[NDArray[np.float64]] = []
        for one in contours:
            unknown = set(one) - _FIELDS
            if unknown or ("points" in one) == ("voxels" in one):
                raise ValueError(f"a contour with the fields {sorted(one)}: expected points")
            found = np.asarray(one["points"] if "points" in one else one["voxels"], float)
            if found.ndim != 2 or found.shape[1] != 3 or not np.isfinite(found).all():
                raise ValueError(f"a contour of shape {found.shape}: expected (n, 3), finite")
            color = one.get("color") or SKY
            if not isinstance(color, str) or not _HEX.match(color):
                raise ValueError(f"a contour's color {color!r}: expected '#rrggbb'")
            if "points" in one:
                found = lps_to_index(lattice.affine, found, lattice.origins)
            self._voxels.append(found)
            self.styles.append(
                {
                    "label": str(one.get("label") or ""),
                    "color": color,
                    "closed": bool(one.get("closed", True)),
                    "address": str(one.get("address") or ""),
                }
            )

    def part(self, pane: Pane, index: int, time: int) -> tuple[dict[str, Any], bytes]:
        """See `Layer.part`: float32 pairs of display row and column.

        ``about['lines']`` says for each run of pairs ``[contour, pairs, whether it crosses]``.
        """
        del time
        lines, parts = [], []
        for k, voxels in enumerate(self._voxels):
            along = voxels[:, pane.axis]
            if not len(along) or along.min() > index + 0.5 or along.max() < index - 0.5:
                continue
            crosses = bool(along.max() - along.min() > 1)
            points = _crossing(voxels, pane.axis, index) if crosses else voxels
            # a plane's contour belongs to the plane that it is nearest to
            if not len(points) or (not crosses and round(float(along.mean())) != index):
                continue
            row, col = points[:, pane.row_axis], points[:, pane.col_axis]
            row = pane.rows - 1 - row if pane.row_flip else row
            col = pane.cols - 1 - col if pane.col_flip else col
            lines.append([k, len(points), crosses])
            parts.append(np.stack([row, col], axis=1).astype("<f4"))
        data = np.concatenate(parts).tobytes() if parts else b""
        return {"lines": lines}, data


def _crossing(voxels: NDArray[np.float64], axis: int, index: int) -> NDArray[np.float64]:
    """Where the lines from point to point go through a plane."""
    a, b = voxels, np.roll(voxels, -1, axis=0)
    low, high = a[:, axis] - index, b[:, axis] - index
    through = (low <= 0) != (high <= 0)
    part = (low[through] / (low[through] - high[through]))[:, None]
    return np.asarray(a[through] * (1 - part) + b[through] * part)
