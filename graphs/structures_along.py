"""Structures along a ray: what a pixel of a radiograph shows, one behind the other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from explorer.segmentation import Segmentation
from graphs.crossed_cells import crossed_cells
from graphs.errors import ProjectionError
from graphs.projection import Projection
from graphs.structures import Structures

_GAP_MM = 1e-6


def structures_along(
    projection: Projection, structures: Structures | Segmentation, pixel: tuple[float, float]
) -> pd.DataFrame:
    """List what a pixel's ray passes through, in the order in which the X-rays meet it.

    Parameters
    ----------
    projection : Projection
    structures : Structures or Segmentation
    pixel : tuple of float
        ``(y, x)``.

    Returns
    -------
    pandas.DataFrame
        One row a stretch: label, enter_mm and leave_mm (from where the ray passes the plane
        through the middle of the volume; negative before it), path_mm. A structure that is met
        twice has two rows.

    Raises
    ------
    ProjectionError
        The pixel lies outside of the picture.
    """
    height, width = projection.frame.shape
    if not (-0.5 <= pixel[0] <= height - 0.5 and -0.5 <= pixel[1] <= width - 0.5):
        raise ProjectionError(
            f"Pixel {pixel} lies outside of the picture", expected=f"inside {(height, width)}"
        )
    of = structures if isinstance(structures, Structures) else Structures.of(structures)
    rows = []
    for number, enter, leave in _stretches(projection, of, pixel):
        row = {"label": of.labels[number - 1], "enter_mm": enter, "leave_mm": leave}
        rows.append({**row, "path_mm": leave - enter})
    rows.sort(key=lambda row: (row["enter_mm"], row["label"]))
    return pd.DataFrame(rows, columns=["label", "enter_mm", "leave_mm", "path_mm"])


def _stretches(
    projection: Projection, of: Structures, pixel: tuple[float, float]
) -> list[tuple[int, float, float]]:
    points, directions = projection.frame.rays(np.asarray([pixel], float))
    start, step = of.grid.to_index(points), of.grid.step(directions)
    pace = np.atleast_2d(step)[0]
    found: list[tuple[int, float, float]] = []
    running: dict[int, tuple[float, float]] = {}
    for slab in crossed_cells(start, step, of.grid.shape):
        # mm at which the ray enters the layer, against its direction where the index falls
        along = float((slab.index - 0.5 - start[0, slab.axis]) / pace[slab.axis])
        sign = 1 if pace[slab.axis] > 0 else -1
        for cells, lengths in zip(slab.cells, slab.lengths, strict=True):
            length = float(lengths[0])
            begin, along = along, along + sign * length
            if length <= _GAP_MM:
                continue
            low, high = min(begin, along), max(begin, along)
            for one in of.maps:
                plane = np.pad(np.take(one, slab.index, axis=slab.axis), 1).ravel()
                number = int(plane[cells[0]])
                if number:
                    _extend(running, found, number, low, high)
    return found + [(number, *ends) for number, ends in running.items()]


def _extend(
    running: dict[int, tuple[float, float]],
    found: list[tuple[int, float, float]],
    number: int,
    low: float,
    high: float,
) -> None:
    """Lengthen the stretch that a structure is in, or begin another one."""
    before = running.get(number)
    if before is None:
        running[number] = low, high
    elif low - before[1] <= _GAP_MM and before[0] - high <= _GAP_MM:
        running[number] = min(low, before[0]), max(high, before[1])
    else:
        found.append((number, *before))
        running[number] = low, high
