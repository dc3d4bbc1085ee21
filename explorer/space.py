"""Affine, frame of reference, grids: the only place that knows axes.

Arrays are ``(z, y, x)``. An affine is 4 x 4 float64 and takes an index ``(x, y, z, 1)``, voxel
centres at integers, to millimetres LPS (x to the patient's left, y to the back, z to the head;
DICOM PS3.3 C.7.6.2.1.1). NIfTI speaks RAS: `flip_ras_lps` goes there and back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError

FloatArray = NDArray[np.float64]

_ALIGNED = 1e-4  # cosine error below which an axis counts as a patient axis


def flip_ras_lps(affine: ArrayLike) -> FloatArray:
    """Turn a RAS affine into an LPS one, or back.

    Parameters
    ----------
    affine : array_like, (4, 4)

    Returns
    -------
    ndarray, (4, 4), float64
    """
    return np.asarray(np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(affine, float))


def make_affine(origin: ArrayLike, columns: ArrayLike) -> FloatArray:
    """Build an affine.

    Parameters
    ----------
    origin : array_like, (3,)
        mm LPS of the centre of voxel ``(0, 0, 0)``.
    columns : array_like, (3, 3)
        The steps in mm LPS of one voxel along x, y and z, one a column.

    Returns
    -------
    ndarray, (4, 4), float64

    Raises
    ------
    GeometryError
        The steps do not span space, or are not finite.
    """
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(columns, float)
    affine[:3, 3] = np.asarray(origin, float)
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12:
        raise GeometryError(
            f"The voxel axes do not span space: {np.round(affine, 6).tolist()}",
            expected="three finite, independent steps in mm",
        )
    return affine


def spacing(affine: ArrayLike) -> tuple[float, float, float]:
    """Voxel spacing ``(z, y, x)`` in mm: the lengths of the affine's columns."""
    x, y, z = np.linalg.norm(np.asarray(affine, float)[:3, :3], axis=0)
    return float(z), float(y), float(x)


def index_to_lps(
    affine: ArrayLike, index: ArrayLike, origins: FloatArray | None = None
) -> FloatArray:
    """Voxel indices ``(..., 3)`` as ``(z, y, x)`` to points ``(..., 3)`` in mm LPS.

    Parameters
    ----------
    affine : array_like, (4, 4)
    index : array_like, (..., 3)
    origins : ndarray, (z, 3), or None
        mm LPS of each slice's first voxel where the slices are uneven or sheared.
    """
    a = np.asarray(affine, float)
    zyx = np.asarray(index, float)
    if origins is None:
        return np.asarray(zyx[..., ::-1] @ a[:3, :3].T + a[:3, 3])
    return np.asarray(zyx[..., :0:-1] @ a[:3, :2].T + _origin(a, origins, zyx[..., 0]))


def lps_to_index(
    affine: ArrayLike, point: ArrayLike, origins: FloatArray | None = None
) -> FloatArray:
    """Points ``(..., 3)`` in mm LPS to fractional voxel indices ``(..., 3)`` as ``(z, y, x)``.

    Parameters
    ----------
    affine : array_like, (4, 4)
    point : array_like, (..., 3)
    origins : ndarray, (z, 3), or None
        As in `index_to_lps`; between two slices the index is linear.
    """
    a = np.asarray(affine, float)
    xyz = np.asarray(point, float)
    if origins is None:
        inverse = np.linalg.inv(a)
        return np.asarray((xyz @ inverse[:3, :3].T + inverse[:3, 3])[..., ::-1])
    normal = np.cross(a[:3, 0], a[:3, 1])
    normal /= np.linalg.norm(normal)
    z = _slice_at(a, origins, xyz @ normal, normal)
    inverse = np.linalg.inv(np.column_stack([a[:3, 0], a[:3, 1], normal]))
    in_plane = (xyz - _origin(a, origins, z)) @ inverse.T
    return np.stack([z, in_plane[..., 1], in_plane[..., 0]], axis=-1)


def _origin(affine: FloatArray, origins: FloatArray, z: FloatArray) -> FloatArray:
    """Origins ``(..., 3)`` at fractional slices, on straight lines from slice to slice."""
    if len(origins) == 1:
        return np.asarray(origins[0] + z[..., None] * affine[:3, 2])
    below = np.clip(np.floor(z).astype(int), 0, len(origins) - 2)
    part = (z - below)[..., None]
    return np.asarray(origins[below] * (1 - part) + origins[below + 1] * part)


def _slice_at(
    affine: FloatArray, origins: FloatArray, height: FloatArray, normal: FloatArray
) -> FloatArray:
    """Fractional slice indices of heights in mm along the slices' normal."""
    if len(origins) == 1:
        return np.asarray((height - origins[0] @ normal) / (affine[:3, 2] @ normal))
    heights = origins @ normal
    sign = 1 if heights[-1] > heights[0] else -1
    below = np.searchsorted(sign * heights, sign * height, side="right") - 1
    below = np.clip(below, 0, len(heights) - 2)
    return np.asarray(below + (height - heights[below]) / (heights[below + 1] - heights[below]))


def slice_positions(affine: ArrayLike, slices: int, origins: FloatArray | None) -> FloatArray:
    """Positions ``(z,)`` in mm of the slices along their normal, relative to the LPS origin.

    Parameters
    ----------
    affine : array_like, (4, 4)
    slices : int
    origins : ndarray, (z, 3), or None
        mm LPS of each slice's first voxel where the slices are uneven.
    """
    a = np.asarray(affine, float)
    normal = np.cross(a[:3, 0], a[:3, 1])
    normal /= np.linalg.norm(normal)
    if origins is None:
        origins = a[:3, 3] + np.arange(slices)[:, None] * a[:3, 2]
    return np.asarray(origins @ normal)


def axis_coordinates(
    affine: ArrayLike, shape: tuple[int, int, int], origins: FloatArray | None = None
) -> dict[str, FloatArray]:
    """Coordinates in mm along the array's own axes.

    Where an axis is a patient axis they coincide with LPS (and may then descend); else they are
    the projection of the voxel centres on the axis' own direction.

    Parameters
    ----------
    affine : array_like, (4, 4)
    shape : tuple of int
        ``(z, y, x)``.
    origins : ndarray, (z, 3), or None
        As in `slice_positions`.

    Returns
    -------
    dict
        ``{'z': (z,), 'y': (y,), 'x': (x,)}``, float64, mm.
    """
    a = np.asarray(affine, float)
    found: dict[str, FloatArray] = {}
    for name, column, count in (("x", 0, shape[2]), ("y", 1, shape[1]), ("z", 2, shape[0])):
        step = a[:3, column]
        size = float(np.linalg.norm(step))
        direction = step / size
        main = int(np.argmax(abs(direction)))
        if abs(abs(direction[main]) - 1) < _ALIGNED:
            start, stride = a[main, 3], float(step[main])
        else:
            start, stride = float(a[:3, 3] @ direction), size
        found[name] = start + stride * np.arange(count)
        if name == "z" and origins is not None:
            aligned = abs(abs(direction[main]) - 1) < _ALIGNED
            found[name] = origins[:, main].copy() if aligned else origins @ direction
    return found


def same_grid(
    a: ArrayLike,
    b: ArrayLike,
    shape_a: tuple[int, ...],
    shape_b: tuple[int, ...],
    tolerance: float = 1e-2,
) -> bool:
    """Whether two grids put every corner voxel at the same place, within `tolerance` mm."""
    if tuple(shape_a) != tuple(shape_b):
        return False
    last = np.asarray(shape_a[-3:]) - 1
    corners = np.array(np.meshgrid(*[(0, n) for n in last], indexing="ij")).reshape(3, -1).T
    gap = index_to_lps(a, corners) - index_to_lps(b, corners)
    return bool(np.abs(gap).max() <= tolerance)


def axis_letters(affine: ArrayLike) -> dict[str, tuple[str, str]]:
    """Orientation marks of the array's axes.

    Returns
    -------
    dict
        For 'x', 'y' and 'z' the letters at the low and the high end of the index: ``('R', 'L')``
        where the index grows to the patient's left. Oblique axes get up to three letters, the
        strongest first (DICOM PS3.3 C.7.6.1.1.1).
    """
    a = np.asarray(affine, float)
    return {
        name: (letters(-a[:3, column]), letters(a[:3, column]))
        for column, name in enumerate(("x", "y", "z"))
    }


def letters(direction: ArrayLike) -> str:
    """Letters of an LPS direction: 'L', 'R', 'A', 'P', 'H', 'F', strongest first, up to three."""
    d = np.asarray(direction, float)
    d = d / np.linalg.norm(d)
    pairs = (("L", "R"), ("P", "A"), ("H", "F"))
    order = [i for i in np.argsort(-abs(d)) if abs(d[i]) > 0.15]
    return "".join(pairs[i][0] if d[i] > 0 else pairs[i][1] for i in order)


def resample_nearest(
    values: NDArray[Any],
    affine: ArrayLike,
    target_affine: ArrayLike,
    target_shape: tuple[int, int, int],
    fill: Any = 0,
    origins: FloatArray | None = None,
) -> NDArray[Any]:
    """Look up each voxel of a target grid in another grid; the nearest voxel, or `fill` outside.

    Parameters
    ----------
    values : ndarray, (z, y, x)
    affine, target_affine : array_like, (4, 4)
    target_shape : tuple of int
        ``(z, y, x)``.
    fill : scalar
        For places outside of `values`.
    origins : ndarray, (z, 3), or None
        mm LPS of each slice's first voxel where the slices of `values` are uneven or sheared.

    Returns
    -------
    ndarray, target_shape
    """
    out = np.full(target_shape, fill, dtype=values.dtype)
    limit = np.asarray(values.shape)
    straight = along_axes(affine, target_affine, target_shape) if origins is None else None
    if straight is not None:
        order, along = straight
        near = [np.rint(one).astype(np.int64) for one in along]
        inside = [(one >= 0) & (one < limit[k]) for one, k in zip(near, order, strict=True)]
        hit = [one[held] for one, held in zip(near, inside, strict=True)]
        out[np.ix_(*inside)] = values.transpose(order)[np.ix_(*hit)]
        return out
    for k, at in enumerate(planes(affine, target_affine, target_shape, origins)):
        nearest = np.rint(at).astype(np.int64)
        within = ((nearest >= 0) & (nearest < limit)).all(axis=-1)
        found = nearest[within]
        out[k][within] = values[found[:, 0], found[:, 1], found[:, 2]]
    return out


def planes(
    affine: ArrayLike,
    target_affine: ArrayLike,
    target_shape: tuple[int, int, int],
    origins: FloatArray | None,
) -> Iterator[FloatArray]:
    """Indices ``(y, x, 3)`` into the source grid of each slice of a target grid."""
    plane = np.stack(
        np.meshgrid(np.arange(target_shape[1]), np.arange(target_shape[2]), indexing="ij"), -1
    )
    for k in range(target_shape[0]):
        index = np.concatenate([np.full((*plane.shape[:2], 1), k), plane], axis=-1)
        yield lps_to_index(affine, index_to_lps(target_affine, index), origins)


def along_axes(
    affine: ArrayLike, target_affine: ArrayLike, target_shape: tuple[int, int, int]
) -> tuple[tuple[int, ...], list[FloatArray]] | None:
    """How a target grid runs through a source grid, where its axes are the source's axes.

    Returns
    -------
    order : tuple of int
        The source's axis (0 is z) of each of the target's axes z, y and x.
    along : list of ndarray
        Fractional indices ``(n,)`` on that axis, one for each of the target's axes.
        None for both where the grids are turned against each other.
    """
    step = np.linalg.inv(np.asarray(affine, float)) @ np.asarray(target_affine, float)
    turn = step[2::-1, 2::-1]  # rows: the source's z, y, x; columns: the target's
    order = tuple(int(k) for k in abs(turn).argmax(axis=0))
    drift = abs(turn) * np.asarray(target_shape)
    drift[order, range(3)] = 0
    if sorted(order) != [0, 1, 2] or drift.max() > _ALIGNED:
        return None
    start = step[2::-1, 3]
    return order, [
        start[axis] + turn[axis, k] * np.arange(n)
        for k, (axis, n) in enumerate(zip(order, target_shape, strict=True))
    ]
