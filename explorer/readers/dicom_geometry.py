"""The grid of an arranged stack: affine, uneven and tilted slices, and what to say of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from explorer.readers.dicom_slice import Slice
from explorer.space import make_affine

FloatArray = NDArray[np.float64]
_ABSOLUTE, _RELATIVE = 0.02, 0.02  # mm, and share of the step: less is rounding in the header
_LISTED = 5


@dataclass(frozen=True)
class Geometry:
    """Where a stack lies.

    Attributes
    ----------
    affine : ndarray, (4, 4), float64
        Index ``(x, y, z, 1)`` to mm LPS; the mean step where slices are uneven.
    slice_origins : ndarray, (z, 3), float64, or None
        mm LPS, kept where slices are uneven or sheared.
    problems : list of str
    """

    affine: FloatArray
    slice_origins: FloatArray | None = None
    problems: list[str] = field(default_factory=list)


def stack_geometry(stack: list[Slice]) -> Geometry:
    """Work out the grid of slices that are placed and sorted along their normal.

    Parameters
    ----------
    stack : list of Slice
        One time point.

    Returns
    -------
    Geometry

    Notes
    -----
    DICOM PS3.3 C.7.6.2.1.1: the first direction of ImageOrientationPatient is that of a row, so
    of x; PixelSpacing has the step along y first.
    """
    first = stack[0].plane
    x, y = np.reshape(np.array(first.orientation, np.float64), (2, 3))
    normal = np.cross(x, y)
    normal /= np.linalg.norm(normal)
    problems: list[str] = []
    spacing = first.spacing
    if spacing is None:
        spacing = (1.0, 1.0)
        problems.append("no PixelSpacing: 1 mm is assumed, sizes in mm mean nothing")
    origins = np.array([one.plane.position for one in stack], np.float64)
    kept = None
    if len(stack) == 1:
        if first.thickness is None:
            problems.append("one slice without a thickness: 1 mm is assumed")
        step = normal * (first.thickness or 1.0)
    else:
        step = (origins[-1] - origins[0]) / (len(stack) - 1)
        found = [*_unevenness(origins, normal), *_shear(origins, step, normal)]
        problems += found
        kept = origins if found else None
    affine = make_affine(origins[0], np.column_stack([x * spacing[1], y * spacing[0], step]))
    return Geometry(affine, kept, problems)


def flat_geometry(stack: list[Slice]) -> Geometry:
    """Give the affine of pixels that no header places: spacing alone, at the origin.

    Parameters
    ----------
    stack : list of Slice
        One picture, or slices in the order of their numbers.
    """
    plane = stack[0].plane
    problems: list[str] = []
    spacing = plane.spacing
    if spacing is None:
        spacing = (1.0, 1.0)
        problems.append("no pixel spacing: 1 mm is assumed, sizes in mm mean nothing")
    if len(stack) > 1:
        problems.append(
            "no position and orientation: slices are in the order of their numbers, their "
            f"distance is {'the slice thickness' if plane.thickness else 'unknown, 1 mm assumed'}"
        )
    step = plane.thickness if len(stack) > 1 and plane.thickness else 1.0
    steps = [spacing[1], spacing[0], step]
    return Geometry(make_affine(np.zeros(3), np.diag(steps)), None, problems)


def _unevenness(origins: FloatArray, normal: FloatArray) -> list[str]:
    depth = origins @ normal
    steps = np.diff(depth)
    usual = float(np.median(steps))
    even = depth[0] + np.linspace(0, 1, len(depth)) * (depth[-1] - depth[0])
    if np.abs(depth - even).max() <= max(_ABSOLUTE, _RELATIVE * usual):
        return []
    ratio = steps / usual
    gaps = np.flatnonzero((np.rint(ratio) >= 2) & (np.abs(ratio - np.rint(ratio)) < 0.1))
    others = np.abs(np.delete(steps, gaps) - usual)
    problems = [
        f"{round(ratio[k]) - 1} slice(s) missing after slice {k} "
        f"(a step of {steps[k]:.3f} mm, usually {usual:.3f} mm)"
        for k in gaps[:_LISTED]
    ]
    if len(gaps) > _LISTED:
        problems.append(f"slices missing at {len(gaps) - _LISTED} more places")
    if not len(gaps) or (len(others) and others.max() > max(_ABSOLUTE, _RELATIVE * usual)):
        problems.append(
            f"uneven slices: steps from {steps.min():.3f} to {steps.max():.3f} mm, "
            f"usually {usual:.3f} mm; the position of each is kept"
        )
    return problems


def _shear(origins: FloatArray, step: FloatArray, normal: FloatArray) -> list[str]:
    across = step - (step @ normal) * normal
    shift = float(np.linalg.norm(across))
    total = shift * (len(origins) - 1)
    angle = math.degrees(math.atan2(shift, abs(float(step @ normal))))
    problems = []
    if total > 0.1 and angle > 0.1:
        problems.append(
            f"tilted (gantry tilt): each slice is shifted in its plane by {shift:.3f} mm, "
            f"{angle:.2f} degrees; the affine is sheared"
        )
    straight = origins - origins[0] - np.arange(len(origins))[:, None] * across
    in_plane = straight - (straight @ normal)[:, None] * normal
    jitter = float(np.linalg.norm(in_plane, axis=1).max())
    # Uneven steps of a tilted stack shift unevenly, too: that is no fault of its own.
    if jitter > 0.1 and not problems:
        problems.append(f"slices are shifted in their plane by up to {jitter:.3f} mm")
    return problems
