"""The three planes of a volume, turned the way a radiologist looks at them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike

from explorer.errors import GeometryError
from explorer.space import letters
from widgets.pane import Along, FloatArray, Pane

_EVEN = 1e-2  # mm; slices that are off by less are drawn as even
_GAP = 1.5  # times the usual step: beyond it a slice is missing and nothing is drawn there
_LEFT, _BACK, _HEAD = 0, 1, 2  # axes of LPS

# name: (looked through, runs to the right, runs down), as axis of LPS and sign. Radiological
# convention: the patient's right on the image's left; sagittal planes face to the left.
_VIEWS: dict[str, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    "axial": ((_HEAD, -1), (_LEFT, 1), (_BACK, 1)),
    "coronal": ((_BACK, 1), (_LEFT, 1), (_HEAD, -1)),
    "sagittal": ((_LEFT, 1), (_BACK, 1), (_HEAD, -1)),
}


def planes(
    affine: ArrayLike, shape: tuple[int, ...], origins: FloatArray | None = None
) -> tuple[Pane, ...]:
    """Lay out the planes of an image.

    Each axis of the array takes the patient axis that it is closest to; nothing is resampled,
    so oblique planes stay the planes that were acquired.

    Parameters
    ----------
    affine : array_like, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    shape : tuple of int
        ``(z, y, x)``, or ``(y, x)`` for a single plane, which is shown as stored.
    origins : ndarray, (z, 3), or None
        mm LPS of each slice's first voxel, where the slices are uneven or sheared.

    Returns
    -------
    tuple of Pane
        Axial, coronal, sagittal; or one.

    Raises
    ------
    GeometryError
        The shape is neither.
    """
    a = np.asarray(affine, float)
    steps = [a[:3, 2], a[:3, 1], a[:3, 0]]  # of z, y, x
    if len(shape) == 2:
        return (_single(steps, (shape[0], shape[1])),)
    if len(shape) != 3:
        raise GeometryError(f"An image of shape {shape}", expected="(z, y, x) or (y, x)")
    axis_of = _closest(steps)
    along_z = np.arange(shape[0])[:, None] * steps[0] if origins is None else origins - origins[0]
    return tuple(
        _pane(name, steps, (shape[0], shape[1], shape[2]), axis_of, np.asarray(along_z, float))
        for name in _VIEWS
    )


def _closest(steps: list[FloatArray]) -> tuple[int, int, int]:
    """Array axis for each of the patient's axes, the best of the six ways to pair them."""
    unit = np.array([s / np.linalg.norm(s) for s in steps])
    i, j, k = max(
        permutations(range(3)), key=lambda p: sum(abs(unit[p[lps], lps]) for lps in range(3))
    )
    return i, j, k


def _single(steps: list[FloatArray], shape: tuple[int, int]) -> Pane:
    row, col = float(np.linalg.norm(steps[1])), float(np.linalg.norm(steps[2]))
    return Pane("plane", 0, 1, 2, False, False, 1, *shape, row, col, marks=("", "", "", ""))


def _pane(
    name: str,
    steps: list[FloatArray],
    shape: tuple[int, int, int],
    axis_of: tuple[int, int, int],
    along_z: FloatArray,
) -> Pane:
    (through, sign), (right, right_sign), (down, down_sign) = _VIEWS[name]
    axis, col_axis, row_axis = axis_of[through], axis_of[right], axis_of[down]
    col_flip = bool(steps[col_axis][right] * right_sign < 0)
    row_flip = bool(steps[row_axis][down] * down_sign < 0)
    across, downwards = (
        steps[col_axis] * (-1 if col_flip else 1),
        steps[row_axis] * (-1 if row_flip else 1),
    )
    # the axis that is exact keeps its direction; slices may be shifted against each other, so
    # theirs is made upright on it
    along: Along = "col" if col_axis == 0 else "row"
    if along == "col":
        v = downwards / np.linalg.norm(downwards)
        u = _upright(across, v)
        moving, count, flip = (u, v), shape[col_axis], col_flip
        offsets = along_z if col_axis == 0 else np.arange(count)[:, None] * steps[col_axis]
    else:
        u = across / np.linalg.norm(across)
        v = _upright(downwards, u)
        moving, count, flip = (v, u), shape[row_axis], row_flip
        offsets = along_z if row_axis == 0 else np.arange(count)[:, None] * steps[row_axis]
    ordered = offsets[::-1] if flip else offsets
    mean, strips = _strips(ordered @ moving[0], ordered @ moving[1])
    row_step = mean if along == "row" and count > 1 else float(np.linalg.norm(downwards))
    col_step = mean if along == "col" and count > 1 else float(np.linalg.norm(across))
    normal = np.cross(u, v)
    tilt = np.degrees(np.arccos(min(1.0, abs(float(normal[through])))))
    return Pane(
        name,
        axis,
        row_axis,
        col_axis,
        row_flip,
        col_flip,
        shape[axis],
        shape[row_axis],
        shape[col_axis],
        row_step,
        col_step,
        marks=(letters(-u), letters(u), letters(-v), letters(v)),
        tilt=float(tilt),
        forward=1 if steps[axis][through] * sign > 0 else -1,
        along=None if strips is None else along,
        strips=strips,
    )


def _upright(vector: FloatArray, on: FloatArray) -> FloatArray:
    left = vector - (vector @ on) * on
    return np.asarray(left / np.linalg.norm(left))


def _strips(at: FloatArray, shift: FloatArray) -> tuple[float, FloatArray | None]:
    """The usual step in mm, and strips where the steps are not all alike."""
    if len(at) < 2:
        return 1.0, None
    gaps = np.diff(at)
    usual = float(np.median(gaps))
    mean = float(at[-1] - at[0]) / (len(at) - 1)
    line = at[0] + mean * np.arange(len(at))
    if np.abs(at - line).max() < _EVEN and np.ptp(shift) < _EVEN:
        return mean, None
    wide = gaps > _GAP * usual
    half = np.where(wide, usual, gaps) / 2
    begin = at - np.concatenate([[usual / 2], half])
    end = at + np.concatenate([half, [usual / 2]])
    strips = np.stack([begin - begin[0], end - begin[0], shift - shift.min()], axis=1)
    return mean, strips
