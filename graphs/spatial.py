"""Spatial relations, measured from masks: sides of the patient, inside, contact, distance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError
from explorer.space import FloatArray, index_to_lps
from graphs.edge import Edge

# For each axis of LPS, what the first mask is to the second where it has more of it, and less.
DIRECTIONS = (("left_of", "right_of"), ("posterior_to", "anterior_to"), ("above", "below"))
INSIDE = 0.95
MOSTLY = 0.9


def spatial_relations(
    masks: Mapping[str, ArrayLike],
    affine: ArrayLike,
    *,
    origins: FloatArray | None = None,
    pairs: Iterable[tuple[str, str]] | None = None,
    within_mm: float = 30.0,
    mostly: float = MOSTLY,
) -> list[Edge]:
    """Measure how masks lie to each other.

    Parameters
    ----------
    masks : mapping
        Node id to mask, bool ``(z, y, x)``, all on one grid. Empty ones have no relations.
    affine : array_like, (4, 4)
        Voxel ``(x, y, z)`` to mm LPS.
    origins : ndarray, (z, 3), or None
        mm LPS of each slice's first voxel where the slices are uneven.
    pairs : iterable of (str, str), optional
        Which to compare, the first being the tail; every pair in the order of `masks` where None.
    within_mm : float
        Farther than this no distance is told.
    mostly : float
        How sure a direction has to be, 0.5 to 1: see below.

    Returns
    -------
    list of Edge
        One a relation and pair; the other way round follows (`opposite`).

        - 'left_of', 'right_of', 'above', 'below', 'anterior_to', 'posterior_to', in the patient:
          a voxel drawn from the first lies on that side of one drawn from the second with a
          probability (``detail["probability"]``, ties half) of at least `mostly`; `number` is how
          far apart the centroids are along that axis, in mm.
        - 'inside' (either may be the tail): at least 95 % of its voxels are the other's; `number`
          is the share. 'overlaps': fewer are; `number` is the volume in mm3.
        - 'adjacent': no voxel in common, and faces that touch; `number` is their area in mm2.
        - 'distance': between the centres of the nearest voxels, in mm; 0 where they overlap.

    Raises
    ------
    GeometryError
        The masks have different shapes.
    """
    shapes = {name: np.shape(mask) for name, mask in masks.items()}
    if len(set(shapes.values())) > 1:
        raise GeometryError(f"Masks of different shapes: {shapes}", expected="one grid")
    a = np.asarray(affine, float)
    made = {name: _Body(np.asarray(mask, bool), a, origins) for name, mask in masks.items()}
    bodies = {name: body for name, body in made.items() if body.count}
    found: list[Edge] = []
    for tail, head in pairs if pairs is not None else combinations(bodies, 2):
        if tail in bodies and head in bodies and tail != head:
            found += _relations(tail, head, bodies[tail], bodies[head], within_mm, mostly)
    return found


def opposite(kind: str) -> str | None:
    """The relation of the second to the first; None where it does not follow ('inside')."""
    for more, less in DIRECTIONS:
        if kind in (more, less):
            return less if kind == more else more
    return kind if kind in ("adjacent", "distance", "overlaps") else None


def _relations(
    tail: str, head: str, one: _Body, other: _Body, within: float, mostly: float
) -> list[Edge]:
    found = []
    for axis, (more, less) in enumerate(DIRECTIONS):
        chance = _chance(one.values[axis], other.values[axis])
        apart = abs(one.centroid[axis] - other.centroid[axis])
        if max(chance, 1 - chance) >= mostly:
            kind = more if chance > 0.5 else less
            about = {"probability": max(chance, 1 - chance)}
            found.append(Edge(kind, tail, head, float(apart), "mm", about))
    shared = _shared(one, other)
    if shared:
        for ends, body in (((tail, head), one), ((head, tail), other)):
            if shared / body.count >= INSIDE:
                found.append(Edge("inside", *ends, shared / body.count))
        if max(shared / one.count, shared / other.count) < INSIDE:
            found.append(Edge("overlaps", tail, head, shared * one.voxel_mm3, "mm3"))
        return [*found, Edge("distance", tail, head, 0.0, "mm")]
    area = _contact(one, other)
    if area:
        found.append(Edge("adjacent", tail, head, area, "mm2"))
    near = _distance(one, other, within)
    if near is not None:
        found.append(Edge("distance", tail, head, near, "mm"))
    return found


@dataclass
class _Body:
    """A mask, cut to its box, and what is asked of it more than once."""

    whole: NDArray[np.bool_]
    affine: FloatArray
    origins: FloatArray | None

    def __post_init__(self) -> None:
        self.start, self.stop = _box(self.whole)
        self.cut = self.window(self.start, self.stop)
        self.count = int(self.cut.sum())
        self.voxel_mm3 = float(abs(np.linalg.det(self.affine[:3, :3])))

    def points(self, mask: NDArray[np.bool_]) -> FloatArray:
        """Voxel centres ``(n, 3)`` in mm LPS of a mask that is cut to the box."""
        return index_to_lps(self.affine, np.argwhere(mask) + self.start, self.origins)

    @cached_property
    def _summary(self) -> tuple[list[tuple[FloatArray, FloatArray]], FloatArray, FloatArray]:
        points = self.points(self.cut)
        values = []
        for axis in range(3):
            # a tenth of a millimetre tells the sides of voxels apart
            at, count = np.unique(np.round(points[:, axis], 1), return_counts=True)
            values.append((at, np.cumsum(count) / self.count))
        return values, points.mean(axis=0), np.stack([points.min(axis=0), points.max(axis=0)])

    @property
    def values(self) -> list[tuple[FloatArray, FloatArray]]:
        """For each axis the coordinates, and the share of voxels up to each."""
        return self._summary[0]

    @property
    def centroid(self) -> FloatArray:
        """In mm LPS."""
        return self._summary[1]

    @property
    def corners(self) -> FloatArray:
        """Lowest and highest coordinates ``(2, 3)`` in mm LPS."""
        return self._summary[2]

    @cached_property
    def tree(self) -> Any:
        """Of the voxels at the border, for the nearest one."""
        from scipy.ndimage import binary_erosion
        from scipy.spatial import cKDTree

        return cKDTree(self.points(self.cut & ~binary_erosion(self.cut)))

    def window(self, start: NDArray[np.int_], stop: NDArray[np.int_]) -> NDArray[np.bool_]:
        """The mask between two corners."""
        return self.whole[tuple(slice(*ends) for ends in zip(start, stop, strict=True))]


def _box(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    ends = []
    for axis in range(3):
        others = tuple(k for k in range(3) if k != axis)
        at = np.flatnonzero(mask.any(axis=others))
        ends.append((at[0], at[-1] + 1) if at.size else (0, 0))
    both = np.array(ends)
    return both[:, 0], both[:, 1]


def _chance(one: tuple[FloatArray, FloatArray], other: tuple[FloatArray, FloatArray]) -> float:
    """Probability that a voxel of the first has more than one of the second, ties half."""
    at, up_to = one
    other_at, other_up_to = other
    mass = np.diff(up_to, prepend=0.0)
    padded = np.concatenate([[0.0], other_up_to])
    below = padded[np.searchsorted(other_at, at, side="left")]
    not_above = padded[np.searchsorted(other_at, at, side="right")]
    return float((mass * (below + not_above) / 2).sum())


def _shared(one: _Body, other: _Body) -> int:
    start, stop = np.maximum(one.start, other.start), np.minimum(one.stop, other.stop)
    if (start >= stop).any():
        return 0
    return int((one.window(start, stop) & other.window(start, stop)).sum())


def _contact(one: _Body, other: _Body) -> float:
    """Area in mm2 of the faces between two masks that have no voxel in common."""
    start = np.maximum(np.maximum(one.start, other.start) - 1, 0)
    stop = np.minimum(np.minimum(one.stop, other.stop) + 1, one.whole.shape)
    if (start >= stop).any():
        return 0.0
    a, b = one.window(start, stop), other.window(start, stop)
    columns = one.affine[:3, 2::-1].T  # the steps along z, y and x
    area = 0.0
    for axis in range(3):
        low = tuple(slice(0, -1) if k == axis else slice(None) for k in range(3))
        high = tuple(slice(1, None) if k == axis else slice(None) for k in range(3))
        faces = int((a[low] & b[high]).sum()) + int((b[low] & a[high]).sum())
        sides = [columns[k] for k in range(3) if k != axis]
        area += faces * float(np.linalg.norm(np.cross(*sides)))
    return area


def _distance(one: _Body, other: _Body, within: float) -> float | None:
    gap = np.maximum(one.corners[0] - other.corners[1], other.corners[0] - one.corners[1])
    if np.linalg.norm(np.maximum(gap, 0)) > within:
        return None
    few, many = sorted((one, other), key=lambda body: body.tree.n)
    reach = np.nextafter(within, np.inf)
    near = float(many.tree.query(few.tree.data, distance_upper_bound=reach)[0].min())
    return near if np.isfinite(near) else None
