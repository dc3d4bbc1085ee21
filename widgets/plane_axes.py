"""Plane axes: how a plane lies in the patient, by a normal, by angles, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError
from graphs.view_axes import View, view_axes

FloatArray = NDArray[np.float64]

#: The patient's own planes as radiologists look at them, as angles of `graphs.view_axes`.
PLAIN: dict[str, tuple[float, float, float]] = {
    "axial": (0.0, -90.0, 0.0),
    "coronal": (0.0, 0.0, 0.0),
    "sagittal": (90.0, 0.0, 0.0),
}


def plane_axes(rotation: View | None = None, normal: ArrayLike | None = None) -> FloatArray:
    """Directions of a plane.

    Parameters
    ----------
    rotation : str, float, tuple of float or array_like, (3, 3), optional
        'axial', 'coronal', 'sagittal', or a view of `graphs.view_axes`: (azimuth, elevation,
        roll) in degrees, azimuth 0 being the view from the front and elevation -90 that from the
        feet. Axial by default.
    normal : array_like, (3,), optional
        Instead: away from the viewer, LPS; the feet, else the back, are then as far down as may
        be.

    Returns
    -------
    ndarray, (3, 3), float64
        Unit vectors in LPS, one a row: to the right, down, away from the viewer.

    Raises
    ------
    GeometryError
        Both are given, or the normal is none.
    """
    if normal is None:
        named = PLAIN.get(rotation, rotation) if isinstance(rotation, str) else rotation
        return view_axes(PLAIN["axial"] if named is None else named)[0]
    away = np.asarray(normal, float)
    size = float(np.linalg.norm(away)) if away.shape == (3,) else 0.0
    if rotation is not None or not np.isfinite(size) or size == 0:
        raise GeometryError(
            f"The normal {normal!r}", expected="three numbers, not all 0, or a rotation instead"
        )
    away = away / size
    wanted = np.array([0.0, 0.0, -1.0]) if abs(away[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    down = wanted - (wanted @ away) * away
    down /= np.linalg.norm(down)
    return np.stack([np.cross(down, away), down, away])


def plane_angles(axes: ArrayLike) -> tuple[float, float, float]:
    """Azimuth, elevation and roll in degrees of a plane's axes, as `graphs.view_axes` takes them.

    Seen from the head or the feet, azimuth and roll are one turn: the roll is 0 then.
    """
    right, _, away = np.asarray(axes, float)
    elevation = np.arcsin(np.clip(-away[2], -1, 1))
    if np.hypot(away[0], away[1]) > 1e-9:
        azimuth = np.arctan2(-away[0], away[1])
    else:
        azimuth = np.arctan2(right[1], right[0])
    level = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    right0 = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    down0 = -np.cos(elevation) * np.array([0.0, 0, 1]) - np.sin(elevation) * level
    roll = np.arctan2(-(right @ down0), right @ right0)
    # what is 0 but for rounding must not become 360
    a, e, r = (round(float(np.degrees(v)), 9) for v in (azimuth, elevation, roll))
    return a % 360, e, r % 360
