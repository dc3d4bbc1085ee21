"""View axes: how a radiograph's columns, rows and depth lie in the patient."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphs.errors import ProjectionError

FloatArray = NDArray[np.float64]
View: TypeAlias = "str | float | tuple[float, ...] | ArrayLike"
Side = Literal["near", "far"]

# Azimuth in degrees and the side of the X-ray source: 'near' is the viewer's.
# A left lateral has the left side at the detector, and is looked at from there.
NAMED: dict[str, tuple[float, Side]] = {
    "frontal": (0, "far"), "PA": (0, "far"), "AP": (0, "near"),
    "lateral": (90, "far"), "LL": (90, "far"), "RL": (270, "far"),
}  # fmt: skip
_EXACT = 1e-12


def view_axes(view: View) -> tuple[FloatArray, Side, str]:
    """Directions of a view.

    The viewer of azimuth 0 stands in front of the patient and sees the patient's left on the
    right, as radiographs are hung; of azimuth 90, at the patient's left. Elevation lifts the
    viewer to the head; roll turns the picture clockwise.

    Parameters
    ----------
    view : str, float, tuple of float or array_like, (3, 3)
        'frontal' (PA), 'AP', 'PA', 'lateral' (LL), 'LL', 'RL'; the azimuth in degrees;
        (azimuth, elevation) or (azimuth, elevation, roll); or the three directions themselves.

    Returns
    -------
    axes : ndarray, (3, 3), float64
        Unit vectors in LPS, one a row: along a row of pixels (to the right), along a column
        (down), and away from the viewer.
    side : {'near', 'far'}
        Where the X-ray source of the view is.
    name : str

    Raises
    ------
    ProjectionError
        There is no such view, or the directions are not a rotation.
    """
    if isinstance(view, str):
        if view not in NAMED:
            raise ProjectionError(f"No view {view!r}", expected=f"one of {sorted(NAMED)} or angles")
        azimuth, side = NAMED[view]
        return _turned(azimuth, 0, 0), side, view
    given = np.asarray(view, float)
    if given.shape == (3, 3):
        if not np.allclose(given @ given.T, np.eye(3), atol=1e-6) or np.linalg.det(given) < 0:
            raise ProjectionError("The directions of the view are not a rotation")
        return given, "far", "rotation"
    if given.ndim > 1 or given.size not in (1, 2, 3) or not np.isfinite(given).all():
        raise ProjectionError(
            f"{view!r} is no view", expected="a name, one to three angles in degrees, or (3, 3)"
        )
    azimuth, elevation, roll = [*map(float, given.ravel()), 0.0, 0.0][:3]
    name = "angles " + ", ".join(f"{angle:g}" for angle in given.ravel())
    return _turned(azimuth, elevation, roll), "far", name


def _turned(azimuth: float, elevation: float, roll: float) -> FloatArray:
    a, e, r = np.deg2rad(np.mod([azimuth, elevation, roll], 360.0))
    right = np.array([np.cos(a), np.sin(a), 0.0])
    level = np.array([-np.sin(a), np.cos(a), 0.0])
    up = np.array([0.0, 0.0, 1.0])
    away = np.cos(e) * level - np.sin(e) * up
    down = -np.cos(e) * up - np.sin(e) * level
    turned = np.cos(r) * right - np.sin(r) * down, np.cos(r) * down + np.sin(r) * right
    axes = np.stack([*turned, away])
    axes[np.abs(axes) < _EXACT] = 0  # a quarter turn is one: sums along an axis stay sums
    near = np.abs(np.abs(axes) - 1) < _EXACT
    axes[near] = np.sign(axes[near])
    return axes
