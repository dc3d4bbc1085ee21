"""Distances of a lesion to the organs, vessels and other lesions around it, and contact."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.segmentation import Segmentation
from explorer.space import lps_to_index, spacing
from graphs.distance import Distance
from graphs.lesion import Lesion
from graphs.organs import organ_name
from graphs.placed_mask import FloatArray, PlacedMask, placed_mask, segment_parts, shares_space
from graphs.segment_role import segment_role
from graphs.target_text import target_text
from graphs.voxel_grid import VoxelGrid

if TYPE_CHECKING:
    from explorer.patient import Patient

_VESSEL = re.compile(r"aorta|arter|\bvein|_vein|vena_|vena\b|vessel|trunk|portal")
_TOUCHING = 1e-6  # mm that rounding may add


def distances(lesion: Lesion, patient: Patient, *, within_mm: float = 30.0) -> list[Distance]:
    """Distance and contact of a lesion with every segment near it.

    Parameters
    ----------
    lesion : Lesion
    patient : Patient
    within_mm : float
        Structures farther away are left out. Only so much around the lesion is read.

    Returns
    -------
    list of Distance
        Nearest first. Organs and other lesions in the same frame of reference; what is neither
        (`segment_role`) is left out.
    """
    placed = placed_mask(patient.segmentations[lesion.segmentation], lesion.label)
    if placed is None:
        return []
    rim = _rim(placed.mask)
    edge = placed.grid.lps(np.argwhere(rim) + placed.first)
    found = []
    for other in patient.segmentations.values():
        if not shares_space(placed.segmentation, other):
            continue
        around = _around(edge, other, within_mm)
        if around is None:
            continue
        roles = {label: segment_role(other, label).role for label in other.labels}
        asked = [
            label
            for label, role in roles.items()
            if role in ("organ", "lesion")
            and (other.id, label) != (lesion.segmentation, lesion.label)
        ]
        for label, part in segment_parts(other, asked, around):
            one = _distance(placed, edge, other, label, part, around)
            if one is not None and one.mm <= within_mm:
                found.append(one)
    return sorted(found, key=lambda one: (one.mm, one.name, one.target))


def _rim(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy.ndimage import binary_erosion

    return np.asarray(mask & ~binary_erosion(mask, np.ones((3, 3, 3), bool)))


def _around(points: FloatArray, other: Segmentation, margin: float) -> tuple[slice, ...] | None:
    """The part of another grid that lies within a margin of the points; None where there is none.

    Corners of the points' box are enough only where the axes agree, so every point is placed.
    """
    index = lps_to_index(other.affine, points, other.slice_origins)
    reach = np.ceil(margin / np.asarray(spacing(other.affine))) + 1
    low = np.floor(index.min(axis=0) - reach).astype(int).clip(0)
    high = np.minimum(np.ceil(index.max(axis=0) + reach).astype(int) + 1, other.shape[-3:])
    if (high <= low).any():
        return None
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))


def _distance(
    placed: PlacedMask,
    edge: FloatArray,
    other: Segmentation,
    label: str,
    part: NDArray[np.bool_],
    around: tuple[slice, ...],
) -> Distance | None:
    from scipy.spatial import KDTree

    if not part.any():
        return None
    grid = VoxelGrid(other.affine, int(other.shape[-3]), other.slice_origins)
    first = np.array([one.start for one in around])
    index = np.argwhere(_rim(part))
    far, _ = KDTree(edge).query(grid.lps(index + first))
    share = _share(placed, part, first, grid)
    touching = max(placed.grid.diagonal_mm, grid.diagonal_mm) + _TOUCHING
    mm = 0.0 if share else float(far.min())
    organ = segment_role(other, label).role == "organ"
    name = organ_name(label) if organ else label
    vessel = organ and bool(_VESSEL.search(name.casefold()))
    contact = mm <= touching
    return Distance(
        target_text("segmentations", other.id, label=label), name,
        "organ" if organ else "lesion", mm, contact, share, vessel,
        _angle(part, index, far <= touching, grid, first) if vessel and contact else None,
    )  # fmt: skip


def _share(
    placed: PlacedMask, part: NDArray[np.bool_], first: NDArray[np.intp], grid: VoxelGrid
) -> float:
    index = np.rint(lps_to_index(grid.affine, placed.points(), grid.origins)).astype(int) - first
    inside = ((index >= 0) & (index < part.shape)).all(axis=1)
    return float(part[tuple(index[inside].T)].sum() / len(index))


def _angle(
    part: NDArray[np.bool_],
    rim: NDArray[np.intp],
    touched: NDArray[np.bool_],
    grid: VoxelGrid,
    first: NDArray[np.intp],
) -> float:
    """Largest part of a vessel's outline in one slice that is touched, in degrees.

    Seen from the middle of the vessel's cut, as a reader tells abutment from encasement; of a
    vessel that runs within the slice it says little.
    """
    from scipy.ndimage import label

    most = 0.0
    for k in np.unique(rim[touched, 0]):
        cuts, count = label(part[k], np.ones((3, 3), bool))
        here = rim[:, 0] == k
        of = cuts[rim[here, 1], rim[here, 2]]
        for cut in range(1, count + 1):
            mine = touched[here][of == cut]
            if not mine.any():
                continue
            inside = np.argwhere(cuts == cut)
            whole = np.column_stack([np.full(len(inside), k), inside])
            middle = grid.lps(whole + first).mean(axis=0)
            away = (grid.lps(rim[here][of == cut] + first) - middle) @ grid.in_plane().T
            most = max(most, _covered(np.arctan2(away[:, 1], away[:, 0]), mine))
    return most


def _covered(angles: FloatArray, touched: NDArray[np.bool_]) -> float:
    """Each point stands for the circle's part that is nearer to it than to its neighbours."""
    if len(angles) == 1:
        return 360.0
    order = np.argsort(angles)
    gaps = np.diff(angles[order], append=angles[order][0] + 2 * np.pi)
    own = (gaps + np.roll(gaps, 1)) / 2
    return float(np.degrees(own[touched[order]].sum()))
