"""Surface: the outside of a segment as triangles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.segmentation import Segmentation
from explorer.space import index_to_lps


@dataclass(frozen=True)
class Surface:
    """Triangles around a segment.

    Attributes
    ----------
    points : ndarray, (n, 3), float32
        mm LPS.
    triangles : ndarray, (m, 3), int32
        Indices of points; seen from outside they run against the clock.
    step : int
        Voxels that one cell of the mesh spans; more than 1 where the segment is big.
    """

    points: NDArray[np.float32]
    triangles: NDArray[np.int32]
    step: int


def surface(segmentation: Segmentation, label: str, most: int = 1_500_000) -> Surface | None:
    """Make triangles by marching cubes (Lewiner 2003, as in scikit-image).

    The mask is smoothed over one voxel, which takes the stairs away and moves the surface by
    less than a voxel: a picture of the segment, not something to measure.

    Parameters
    ----------
    segmentation : Segmentation
    label : str
    most : int
        Voxels of the box around the segment that are looked at; of a bigger one every second,
        third, ... voxel along each axis.

    Returns
    -------
    Surface or None
        None where the segment is empty.

    Raises
    ------
    NotFoundError
        There is no such segment.
    """
    from scipy.ndimage import gaussian_filter
    from skimage.measure import marching_cubes

    mask = np.asarray(segmentation.own_mask(label))
    spans = _box(mask)
    if spans is None:
        return None
    step = 1
    while np.prod([-(-(b - a) // step) for a, b in spans]) > most:
        step += 1
    part = mask[tuple(slice(a, b, step) for a, b in spans)]
    field = gaussian_filter(np.pad(part, 2).astype(np.float32), 0.7)
    if field.max() <= 0.5:  # a segment of a voxel or two would be smoothed away
        field = np.pad(part, 2).astype(np.float32)
    made: Any = marching_cubes(field, 0.5, allow_degenerate=False)  # type: ignore[no-untyped-call]
    corners, triangles = made[:2]
    index = (corners - 2) * step + [a for a, _ in spans]
    points = index_to_lps(segmentation.affine, index, segmentation.slice_origins)
    if np.linalg.det(segmentation.affine[:3, :3]) < 0:
        triangles = triangles[:, ::-1]
    return Surface(points.astype(np.float32), np.ascontiguousarray(triangles, np.int32), step)


def _box(mask: NDArray[Any]) -> list[tuple[int, int]] | None:
    spans = []
    for axis in range(3):
        others = tuple(k for k in range(3) if k != axis)
        hit = np.flatnonzero(mask.any(axis=others))
        if not len(hit):
            return None
        spans.append((int(hit[0]), int(hit[-1]) + 1))
    return spans
