"""The axes of a layer: affine, units and names, time included."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image
from explorer.space import FloatArray
from widgets.napari.placement import Placement
from widgets.napari.world import World

_EVEN = 1e-6  # of a frame's time


def volume_axes(placement: Placement, world: World, lead: int = 0) -> dict[str, Any]:
    """Keyword arguments of a layer over a volume.

    Parameters
    ----------
    placement : Placement
    world : World
    lead : int
        Axes before the volume's.

    Returns
    -------
    dict
        affine, units, axis_labels.
    """
    return {
        "affine": _behind(placement.affine, lead),
        "units": (*("pixel",) * lead, "mm", "mm", "mm"),
        "axis_labels": (*("t",) * lead, *world.axis_labels),
    }


def picture_axes(image: Image) -> dict[str, Any]:
    """Keyword arguments of a layer over a picture or a cine, which lies in no space.

    Parameters
    ----------
    image : Image
        Without a z axis.

    Returns
    -------
    dict
        affine, units, axis_labels.
    """
    y, x = image.spacing_mm[-2:] if len(image.spacing_mm) >= 2 else (1.0, 1.0)
    timed = "t" in image.dims
    step, unit = _frame_time(image) if timed else (None, "pixel")
    matrix = np.diag([*([step or 1.0] if timed else []), y, x, 1.0])
    return {
        "affine": matrix,
        "units": (*((unit,) if timed else ()), "mm", "mm"),
        "axis_labels": (*(("t",) if timed else ()), "y", "x"),
    }


def _behind(affine: FloatArray, lead: int) -> NDArray[np.float64]:
    matrix = np.eye(4 + lead)
    matrix[lead:, lead:] = affine
    return matrix


def _frame_time(image: Image) -> tuple[float | None, str]:
    """Time between frames and its unit, where the frames are evenly spaced in time."""
    times = image.meta.get("t_values")
    if image.meta.get("t_units") != "ms" or not times or len(times) < 2:
        return None, "pixel"
    steps = np.diff(np.asarray(times, float))
    if steps[0] <= 0 or np.abs(steps - steps[0]).max() > _EVEN * abs(steps[0]) + 1e-9:
        return None, "pixel"
    return float(steps[0]), "ms"
