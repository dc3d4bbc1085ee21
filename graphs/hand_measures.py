"""What a person measured: a distance, an ellipse or a box, in mm and in the image's units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.image import Image
from explorer.space import index_to_lps, lps_to_index
from graphs.errors import MeasureError

Shape = Literal["distance", "ellipse", "box"]
Box = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
FloatArray = NDArray[np.float64]

_POINTS = {"distance": 2, "ellipse": 4, "box": 2}
_UPRIGHT = 0.02  # cosine between an ellipse's axes


@dataclass(frozen=True)
class HandMeasures:
    """Numbers of a shape that a person drew.

    Attributes
    ----------
    shape : {'distance', 'ellipse', 'box'}
    rows : tuple of (str, str, float, str)
        Name, code (``SCT:...``; DICOM CID 7469 and 7470), number, unit.
    box : tuple
        The voxels that it lies in, edges ``((z0, z1), (y0, y1), (x0, x1))``.
    problems : tuple of str
    """

    shape: Shape
    rows: tuple[tuple[str, str, float, str], ...]
    box: Box
    problems: tuple[str, ...] = ()


def hand_measures(
    image: Image, shape: Shape, points_lps: ArrayLike, *, time: int = 0
) -> HandMeasures:
    """Measure a shape; nothing that a viewer computed is taken on trust.

    Parameters
    ----------
    image : Image
        A volume, or a radiograph.
    shape : {'distance', 'ellipse', 'box'}
    points_lps : array_like, (n, 3)
        mm LPS. A distance's ends; the ends of an ellipse's one and then of its other axis (as
        ELLIPSE of DICOM PS3.3 C.18.9), in one plane of voxels; the middles of two voxels at
        opposite corners of a box.
    time : int
        Time point, of a ``(t, z, y, x)`` image.

    Returns
    -------
    HandMeasures

    Raises
    ------
    MeasureError
        The points are of another number, no numbers, outside of the image or in one place, or an
        ellipse's axes do not cross in their middles at a right angle.
    """
    points = np.asarray(points_lps, float)
    if shape not in _POINTS or points.shape != (_POINTS[shape], 3):
        raise MeasureError(
            f"A {shape!r} of {np.shape(points_lps)} points",
            expected=", ".join(f"{name}: ({n}, 3)" for name, n in _POINTS.items()),
        )
    if not set("yx") <= set(image.dims) or {"c"} & set(image.dims):
        raise MeasureError(f"An image with dims {image.dims}", where=image.where)
    index = _inside(image, points)
    known = not any("spacing" in one and "no" in one for one in image.problems)
    mm = "mm" if known else "px"
    problems = () if known else ("the pixels' size is not known: lengths count pixels",)
    low, high = np.rint(index.min(axis=0)).astype(int), np.rint(index.max(axis=0)).astype(int) + 1
    (z0, y0, x0), (z1, y1, x1) = ((int(v) for v in end) for end in (low, high))
    box: Box = ((z0, z1), (y0, y1), (x0, x1))
    if shape == "distance":
        length = float(np.linalg.norm(points[1] - points[0]))
        if length == 0:
            raise MeasureError("Both ends lie in one place")
        return HandMeasures(shape, (("Length", "SCT:410668003", length, mm),), box, problems)
    size, box, values = (
        _ellipse(image, points, index, mm, time)
        if shape == "ellipse"
        else _box(image, box, mm, time)
    )
    return HandMeasures(shape, (*size, *_statistics(values, image.units)), box, problems)


def _inside(image: Image, points: FloatArray) -> FloatArray:
    sizes = dict(zip(image.dims, image.shape, strict=True))
    limit = np.array([sizes.get("z", 1), sizes["y"], sizes["x"]])
    if not np.isfinite(points).all():
        raise MeasureError("The points are no numbers", expected="(x, y, z) in mm LPS")
    index = lps_to_index(image.affine, points, image.slice_origins)
    if ((index < -0.5 - 1e-6) | (index > limit - 0.5 + 1e-6)).any():
        raise MeasureError("The points lie outside of the image", where=image.where)
    return np.clip(index, 0, limit - 1)


def _read(image: Image, box: Box, time: int) -> NDArray[Any]:
    at: dict[str, Any] = {"t": time, **{n: slice(*b) for n, b in zip("zyx", box, strict=True)}}
    found = image.read(tuple(at[name] for name in image.dims))
    return np.asarray(found).reshape([b - a for a, b in box])


def _box(
    image: Image, box: Box, mm: str, time: int
) -> tuple[list[tuple[str, str, float, str]], Box, NDArray[Any]]:
    corner = index_to_lps(image.affine, [one[0] for one in box], image.slice_origins)
    sides = []
    for axis, (low, high) in enumerate(box):
        end = [one[0] for one in box]
        # of uneven slices: the way between the outer ones, and a step of the middle one's
        end[axis] = high - 1
        way = index_to_lps(image.affine, end, image.slice_origins) - corner
        step = image.affine[:3, 2 - axis]
        sides.append(way + step if high - low > 1 else step)
    flat = [axis for axis, (low, high) in enumerate(box) if high - low == 1]
    if len(flat) == 1 or "z" not in image.dims:
        a, b = (side for axis, side in enumerate(sides) if axis != (flat[0] if flat else 0))
        area = float(np.linalg.norm(np.cross(a, b)))
        size = [("Area", "SCT:42798000", area, f"{mm}2")]
    else:
        volume = float(abs(np.linalg.det(np.stack(sides))))
        size = [("Volume", "SCT:118565006", volume, f"{mm}3")]
    return size, box, _read(image, box, time)


def _ellipse(
    image: Image, points: FloatArray, index: FloatArray, mm: str, time: int
) -> tuple[list[tuple[str, str, float, str]], Box, NDArray[Any]]:
    one, other = (points[1] - points[0]) / 2, (points[3] - points[2]) / 2
    centre = points.mean(axis=0)
    a, b = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    apart = np.linalg.norm(points[:2].mean(axis=0) - points[2:].mean(axis=0))
    if min(a, b) == 0 or abs(one @ other) > _UPRIGHT * a * b or apart > 0.05 * max(a, b):
        raise MeasureError("An ellipse's axes cross in their middles, at a right angle")
    axis = int(np.argmin(np.ptp(index, axis=0)))  # looked through
    if np.ptp(index[:, axis]) > 0.5:
        raise MeasureError("An ellipse lies in one plane of voxels", where=image.where)
    corners = lps_to_index(
        image.affine,
        [centre + i * one + k * other for i in (-1, 1) for k in (-1, 1)],
        image.slice_origins,
    )
    sizes = dict(zip(image.dims, image.shape, strict=True))
    limit = np.array([sizes.get("z", 1), sizes["y"], sizes["x"]])
    low = np.clip(np.floor(corners.min(axis=0)), 0, limit - 1).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + 1, 1, limit).astype(int)
    low[axis] = int(np.rint(index[:, axis].mean()))
    high[axis] = low[axis] + 1
    z, y, x = ((int(i), int(j)) for i, j in zip(low, high, strict=True))
    box: Box = (z, y, x)
    every = np.moveaxis(np.indices(high - low), 0, -1) + low
    away = index_to_lps(image.affine, every, image.slice_origins) - centre
    within = (away @ one / a**2) ** 2 + (away @ other / b**2) ** 2 <= 1 + 1e-9
    if not within.any():
        raise MeasureError("No voxel's middle lies in the ellipse", where=image.where)
    values = _read(image, box, time)[within]
    hit = np.argwhere(within) + low
    z, y, x = ((int(i), int(j) + 1) for i, j in zip(hit.min(axis=0), hit.max(axis=0), strict=True))
    size = [
        ("Area", "SCT:42798000", float(np.pi * a * b), f"{mm}2"),
        ("Major axis", "SCT:131187009", 2 * max(a, b), mm),
        ("Minor axis", "SCT:131188004", 2 * min(a, b), mm),
    ]
    return size, (z, y, x), values


def _statistics(values: NDArray[Any], units: str) -> list[tuple[str, str, float, str]]:
    finite = np.asarray(values, float)
    finite = finite[np.isfinite(finite)]
    if not finite.size:
        return []
    said = (
        ("Mean", "SCT:373098007", finite.mean()),
        ("Standard deviation", "SCT:386136009", finite.std()),
        ("Minimum", "SCT:255605001", finite.min()),
        ("Maximum", "SCT:56851009", finite.max()),
    )
    return [(name, code, float(value), units) for name, code, value in said]
