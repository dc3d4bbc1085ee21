"""Lengths and areas that a person drew on a plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError
from explorer.space import index_to_lps
from widgets.lattice import Lattice
from widgets.pane import Pane

KINDS = ("distance", "ellipse", "box")


def plane_measure(
    kind: str,
    pane: Pane,
    lattice: Lattice,
    values: NDArray[Any],
    ends: ArrayLike,
) -> dict[str, Any]:
    """Measure between two points of a plane.

    Parameters
    ----------
    kind : {'distance', 'ellipse', 'box'}
        A line from one to the other; or the ellipse or rectangle that they are opposite corners
        of, upright on the screen.
    pane : Pane
        The plane that it was drawn on.
    lattice : Lattice
        Of the image.
    values : ndarray
        The plane's values, as `ImagePlanes.plane` gives them.
    ends : array_like, (2, 3)
        Fractional voxel indices ``(z, y, x)``, voxel centres at integers.

    Returns
    -------
    dict
        ``length_mm``; or ``width_mm``, ``height_mm``, ``area_mm2`` of the figure drawn, and
        ``pixels`` whose centres are inside, their ``mean``, ``sd`` (of the pixels, not of a
        population that they were drawn from), ``min`` and ``max`` in the image's units (None
        where there are none).

    Raises
    ------
    GeometryError
        The kind is unknown, or the points are none.
    """
    points = np.asarray(ends, float)
    if kind not in KINDS or points.shape != (2, 3) or not np.isfinite(points).all():
        raise GeometryError(
            f"A {kind!r} between {points.tolist()}",
            expected=f"one of {KINDS} and two points (z, y, x)",
        )
    a, b = points
    corner = a.copy()
    corner[pane.col_axis] = b[pane.col_axis]
    here, there, turn = index_to_lps(lattice.affine, np.stack([a, b, corner]), lattice.origins)
    if kind == "distance":
        return {"length_mm": float(np.linalg.norm(there - here))}
    width, height = float(np.linalg.norm(turn - here)), float(np.linalg.norm(there - turn))
    area = width * height * (np.pi / 4 if kind == "ellipse" else 1)
    inside = _inside(kind, pane, values, points)
    found = inside[np.isfinite(inside)]
    return {
        "width_mm": width,
        "height_mm": height,
        "area_mm2": float(area),
        "pixels": int(found.size),
        "mean": float(found.mean()) if found.size else None,
        "sd": float(found.std()) if found.size else None,
        "min": float(found.min()) if found.size else None,
        "max": float(found.max()) if found.size else None,
    }


def _inside(
    kind: str, pane: Pane, values: NDArray[Any], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values of the pixels whose centres are inside."""
    shown = values.T if pane.row_axis > pane.col_axis else values
    axes = [pane.row_axis, pane.col_axis]
    middle = points[:, axes].mean(axis=0)
    half = np.abs(points[0, axes] - points[1, axes]) / 2
    low = np.maximum(np.ceil(middle - half), 0).astype(int)
    high = np.minimum(np.floor(middle + half) + 1, shown.shape).astype(int)
    if (low >= high).any() or not (half > 0).all():
        return np.empty(0)
    part = np.asarray(shown[low[0] : high[0], low[1] : high[1]], float)
    if kind == "box":
        return part.ravel()
    row, col = np.ogrid[low[0] : high[0], low[1] : high[1]]
    within = ((row - middle[0]) / half[0]) ** 2 + ((col - middle[1]) / half[1]) ** 2 <= 1
    return np.asarray(part[within])
