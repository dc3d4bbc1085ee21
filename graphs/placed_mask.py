"""PlacedMask: a segment's voxels around it, with their place, and what else lies there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.segmentation import Segmentation
from explorer.space import lps_to_index
from graphs.measure import bounding_box
from graphs.voxel_grid import VoxelGrid

FloatArray = NDArray[np.float64]

_MOST_BYTES = 64 * 2**20  # of masks held at once


@dataclass(frozen=True)
class PlacedMask:
    """A mask cropped to its box, on its own grid.

    Attributes
    ----------
    segmentation : Segmentation
    label : str
    mask : ndarray, (z, y, x), bool
    first : tuple of int
        Index of its first voxel in the whole grid.
    grid : VoxelGrid
    """

    segmentation: Segmentation
    label: str
    mask: NDArray[np.bool_]
    first: tuple[int, int, int]
    grid: VoxelGrid

    def points(self) -> FloatArray:
        """Centres ``(n, 3)`` in mm LPS of its voxels."""
        return self.grid.lps(np.argwhere(self.mask) + self.first)

    def shell(self) -> FloatArray:
        """Centres ``(n, 3)`` in mm LPS of the voxels that touch it, by side, edge or corner."""
        from scipy.ndimage import binary_dilation

        wide = np.pad(self.mask, 1)
        around = binary_dilation(wide, np.ones((3, 3, 3), bool)) & ~wide
        return self.grid.lps(np.argwhere(around) + np.asarray(self.first) - 1)


def shares_space(a: Segmentation, b: Segmentation) -> bool:
    """Whether mm of one are mm of the other: the same image, grid or frame of reference."""
    if a.id == b.id or (a.image and a.image == b.image):
        return True
    return bool(a.frame_of_reference) and a.frame_of_reference == b.frame_of_reference


def looked_up(
    points: FloatArray, other: Segmentation, labels: list[str]
) -> dict[str, NDArray[np.bool_]]:
    """Which points lie in the segments of another segmentation.

    Parameters
    ----------
    points : ndarray, (n, 3)
        mm LPS.
    other : Segmentation
    labels : list of str
        Of its segments.

    Returns
    -------
    dict
        Label to bool, ``(n,)``: by the nearest voxel; outside of its grid False. Only the part
        of the masks around the points is read.
    """
    index = np.rint(lps_to_index(other.affine, points, other.slice_origins)).astype(np.int64)
    shape = np.asarray(other.shape[-3:])
    inside = ((index >= 0) & (index < shape)).all(axis=1)
    found = {label: np.zeros(len(points), bool) for label in labels}
    if not inside.any():
        return found
    low, high = index[inside].min(axis=0), index[inside].max(axis=0) + 1
    crop = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    at = tuple((index[inside] - low).T)
    for label, part in segment_parts(other, labels, crop):
        found[label][inside] = part[at]
    return found


def segment_parts(
    segmentation: Segmentation, labels: list[str], crop: tuple[slice, ...]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """The same part of several segments, many with one read.

    Parameters
    ----------
    segmentation : Segmentation
    labels : list of str
        Of its segments.
    crop : tuple of slice
        Along z, y and x.

    Yields
    ------
    label : str
    part : ndarray, (z, y, x), bool
    """
    stored: Any = segmentation.stored
    most = segmentation.fraction_max
    least = 0.5 if most is None else most / 2
    wanted = [k for k, label in enumerate(segmentation.labels) if label in set(labels)]
    voxels = int(np.prod([one.stop - one.start for one in crop]))
    step = max(1, _MOST_BYTES // voxels)
    while wanted:
        # neighbours in the file with what little lies between them
        near = [k for k in wanted if k < wanted[0] + step]
        block = np.asarray(stored[(slice(near[0], near[-1] + 1), *crop)])
        for k in near:
            yield segmentation.labels[k], block[k - near[0]] >= least
        wanted = wanted[len(near) :]


def placed_mask(segmentation: Segmentation, label: str) -> PlacedMask | None:
    """A segment cropped to its box; None where it is empty."""
    whole = np.asarray(segmentation.own_mask(label))
    box = bounding_box(whole)
    if box is None:
        return None
    grid = VoxelGrid(segmentation.affine, whole.shape[0], segmentation.slice_origins)
    part = whole[tuple(slice(*edge) for edge in box)]
    return PlacedMask(segmentation, label, part, (box[0][0], box[1][0], box[2][0]), grid)
