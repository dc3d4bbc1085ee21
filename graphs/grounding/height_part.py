"""Height part: a zone of a structure that no mask outlines, as a share of its height."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.segmentation import Segmentation

# From the top of the lung, 0, to its bottom, 1. Zones are thirds of the height, as radiographs are
# read; apex and base have no border of their own.
_PARTS = {
    "lung_upper_zone": (0.0, 1 / 3), "lung_mid_zone": (1 / 3, 2 / 3),
    "lung_lower_zone": (2 / 3, 1.0), "lung_apex": (0.0, 0.15), "lung_base": (0.8, 1.0),
}  # fmt: skip
Box = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


def height_part(name: str) -> tuple[float, float] | None:
    """The share of the lung's height that a zone takes, from the top; None of anything else.

    Parameters
    ----------
    name : str
        Of the ontology: 'lung_upper_zone_right', 'lung_apex'.
    """
    return _PARTS.get(name.removesuffix("_left").removesuffix("_right"))


def part_box(
    segmentation: Segmentation, labels: Sequence[str], share: tuple[float, float]
) -> tuple[Box, list[str]] | None:
    """The box of a share of the height of some segments together.

    Height is counted along the voxel axis that is nearest to the patient's.

    Parameters
    ----------
    segmentation : Segmentation
    labels : sequence of str
    share : tuple of float
        From the top.

    Returns
    -------
    box : tuple
        ``(z0, z1), (y0, y1), (x0, x1)``, voxel edges of `Segmentation.mask`.
    labels : list of str
        Those of the segments that reach into it. None instead of both where all are empty.
    """
    masks = {label: np.asarray(segmentation.mask(label).values) for label in labels}
    inside = np.any(list(masks.values()), axis=0)
    if not inside.any():
        return None
    spans = []
    for axis in range(3):
        hit = np.flatnonzero(inside.any(axis=tuple(n for n in range(3) if n != axis)))
        spans.append((int(hit[0]), int(hit[-1]) + 1))
    image = segmentation.patient.images.get(segmentation.image or "")
    placed = image if image is not None and "z" in image.dims else segmentation
    up = placed.affine[2, :3][::-1]  # of z, y, x: mm towards the head
    axis = int(np.argmax(np.abs(up) / np.linalg.norm(placed.affine[:3, :3], axis=0)[::-1]))
    low, high = spans[axis]
    begin, end = share if up[axis] < 0 else (1 - share[1], 1 - share[0])
    height = high - low
    cut = low + round(begin * height), low + max(round(end * height), round(begin * height) + 1)
    spans[axis] = cut[0], min(cut[1], high)
    box = spans[0], spans[1], spans[2]
    part = tuple(slice(*pair) for pair in box)
    return box, [label for label, mask in masks.items() if mask[part].any()]
