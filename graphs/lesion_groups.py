"""Lesion groups: outlines of one and the same lesion, by several readers or on several images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from graphs.lesion import Lesion
from graphs.placed_mask import PlacedMask, looked_up, placed_mask, shares_space

if TYPE_CHECKING:
    from explorer.patient import Patient

_SHARED = 0.5  # of the smaller outline's voxels


def lesion_groups(lesions: Sequence[Lesion], patient: Patient) -> list[list[Lesion]]:
    """Put outlines of the same lesion together.

    Two outlines are of one lesion where they were acquired on the same day, lie in the same
    frame of reference, and the larger one holds half of the smaller one. Over time lesions are
    followed elsewhere: registration is needed for that.

    Parameters
    ----------
    lesions : sequence of Lesion
    patient : Patient

    Returns
    -------
    list of list of Lesion
        In the order of each group's first.
    """
    placed = {one.target: _placed(one, patient) for one in lesions}
    of = list(range(len(lesions)))
    for j, b in enumerate(lesions):
        for i, a in enumerate(lesions[:j]):
            if of[i] != of[j] and _same(a, b, placed):
                first, last = sorted((of[i], of[j]))
                of = [first if one == last else one for one in of]
    groups: dict[int, list[Lesion]] = {}
    for group, one in zip(of, lesions, strict=True):
        groups.setdefault(group, []).append(one)
    return list(groups.values())


def _placed(lesion: Lesion, patient: Patient) -> PlacedMask | None:
    return placed_mask(patient.segmentations[lesion.segmentation], lesion.label)


def _same(a: Lesion, b: Lesion, placed: dict[str, PlacedMask | None]) -> bool:
    one, two = placed[a.target], placed[b.target]
    if a.acquired != b.acquired or one is None or two is None:
        return False
    if not shares_space(one.segmentation, two.segmentation) or not _near(one, two):
        return False
    small, large = sorted(
        (one, two), key=lambda p: p.mask.sum() * abs(np.linalg.det(p.grid.affine))
    )
    inside = looked_up(small.points(), large.segmentation, [large.label])[large.label]
    return bool(inside.mean() >= _SHARED)


def _near(a: PlacedMask, b: PlacedMask) -> bool:
    """Whether the boxes of the two in space meet; cheap, for hundreds of lesions."""
    (a0, a1), (b0, b1) = (_box(one) for one in (a, b))
    return bool((a0 <= b1).all() and (b0 <= a1).all())


def _box(placed: PlacedMask) -> tuple[np.ndarray, np.ndarray]:
    ends = np.stack(np.meshgrid(*[(-0.5, n - 0.5) for n in placed.mask.shape], indexing="ij"), -1)
    corners = placed.grid.lps(ends.reshape(-1, 3) + placed.first)
    return corners.min(axis=0), corners.max(axis=0)
