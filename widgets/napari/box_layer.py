"""Boxes in an image as a napari layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from widgets.napari.axes import volume_axes
from widgets.napari.image_layer import LayerData
from widgets.napari.placement import Placement
from widgets.napari.world import World

Box = tuple[tuple[int, int], ...]

_MOST = 400  # slices of a box that are outlined


def box_layer(
    boxes: Sequence[Box],
    colors: Sequence[str],
    name: str,
    placement: Placement,
    world: World,
    features: dict[str, list[str]] | None = None,
) -> LayerData:
    """Make a layer of the outlines of boxes: a rectangle in each slice that a box crosses.

    Parameters
    ----------
    boxes : sequence of 3 pairs of int
        Voxel edges along z, y and x of the array, half-open.
    colors : sequence of str
        One a box.
    name : str
    placement : Placement
        Of the array.
    world : World
    features : dict, optional
        Columns with one text a box.

    Returns
    -------
    tuple
        Data, keyword arguments and ``'shapes'``.
    """
    outlines = [rectangles(box, placement) for box in boxes]
    count = [len(one) for one in outlines]
    shown: dict[str, Any] = {
        "name": name,
        "shape_type": "rectangle",
        "edge_color": [c for c, n in zip(colors, count, strict=True) for _ in range(n)],
        "face_color": "transparent",
        "edge_width": 0.6,
        "opacity": 1.0,
        "metadata": {"oncograph": {"placement": placement, "world": world, "note": ""}},
        "features": {
            column: [v for v, n in zip(values, count, strict=True) for _ in range(n)]
            for column, values in (features or {}).items()
        },
        **volume_axes(placement, world),
    }
    if not outlines:
        return np.empty((0, 4, 3)), {**shown, "ndim": 3, "edge_color": "white"}, "shapes"
    return [one for some in outlines for one in some], shown, "shapes"


def rectangles(box: Box, placement: Placement) -> list[NDArray[np.float64]]:
    """Outline a box in the slices of the layer that it crosses.

    Parameters
    ----------
    box : 3 pairs of int
        Voxel edges along z, y and x of the array, half-open.
    placement : Placement

    Returns
    -------
    list of ndarray, (4, 3)
        Corners in the layer's indices, through the voxels' edges; of a long box the middle.
    """
    (low, high), (top, bottom), (left, right) = (box[axis] for axis in placement.order)
    if high - low > _MOST:
        low += (high - low - _MOST) // 2
        high = low + _MOST
    corners = [
        (top - 0.5, left - 0.5), (top - 0.5, right - 0.5),
        (bottom - 0.5, right - 0.5), (bottom - 0.5, left - 0.5),
    ]  # fmt: skip
    return [np.array([(k, *corner) for corner in corners], float) for k in range(low, high)]
