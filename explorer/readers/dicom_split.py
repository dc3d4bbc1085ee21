"""Split the slices of a series into what can be one array."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from explorer.readers.dicom_slice import Slice

_COSINE = 1e-3  # direction cosines that differ less are one orientation
_IN_PLANE = 0.5  # mm; stations of a moving table lie further apart
SAME_PLACE = 0.02  # mm along the normal


def split(slices: list[Slice]) -> list[list[Slice]]:
    """Group slices by orientation, size, pixel form, frame of reference and station.

    A localizer never joins the volume that it localizes.

    Parameters
    ----------
    slices : list of Slice
        Of one series.

    Returns
    -------
    list of list of Slice
        In no particular order, each group sorted by `Slice.order`.
    """
    groups: dict[tuple[object, ...], list[Slice]] = defaultdict(list)
    for one in sorted(slices, key=lambda one: one.order):
        groups[_form(one)].append(one)
    parts: list[list[Slice]] = []
    for group in groups.values():
        for same in _by_orientation(group):
            parts += [part for station in _by_station(same) for part in _by_image_type(station)]
    return parts


def along_normal(slices: list[Slice]) -> NDArray[np.float64]:
    """Positions ``(n,)`` in mm along the first slice's normal."""
    return np.asarray(_positions(slices) @ _axes(slices[0])[2])


def is_placed(one: Slice) -> bool:
    """Tell whether a slice says where it lies."""
    plane = one.plane
    return plane.position is not None and plane.orientation is not None


def is_localizer(one: Slice) -> bool:
    """Tell whether a slice is a scout image (ImageType value 3, DICOM PS3.3 C.8.2.1.1.1)."""
    return "LOCALIZER" in (part.upper() for part in one.plane.image_type)


def _form(one: Slice) -> tuple[object, ...]:
    instance, plane, form = one.instance, one.plane, one.instance.format
    picture = one.key if instance.projection and len(instance.planes) == 1 else None
    return (
        instance.modality,
        picture,
        form.rows,
        form.columns,
        form.bits_allocated,
        form.signed,
        form.photometric,
        instance.lookup is not None,
        instance.frame_of_reference,
        is_localizer(one),
        is_placed(one),
        tuple(round(size, 4) for size in plane.spacing) if plane.spacing else None,
        plane.real_world.unit if plane.real_world else None,
        plane.quantity,
    )


def _axes(one: Slice) -> NDArray[np.float64]:
    x, y = np.reshape(np.array(one.plane.orientation, np.float64), (2, 3))
    return np.array([x, y, np.cross(x, y)])


def _positions(slices: list[Slice]) -> NDArray[np.float64]:
    return np.array([one.plane.position for one in slices], np.float64)


def _by_orientation(slices: list[Slice]) -> list[list[Slice]]:
    if not is_placed(slices[0]):
        return [slices]
    groups: list[list[Slice]] = []
    for one in slices:
        for group in groups:
            if np.abs(_axes(one) - _axes(group[0])).max() <= _COSINE:
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _by_station(slices: list[Slice]) -> list[list[Slice]]:
    """Part slices of equal depth that lie side by side: whole-body MR in several stations."""
    if not is_placed(slices[0]) or len(slices) == 1:
        return [slices]
    axes = _axes(slices[0])
    depth = along_normal(slices)
    in_plane = _positions(slices) @ axes[:2].T
    order = np.argsort(depth, kind="stable")
    near = np.diff(depth[order]) <= SAME_PLACE
    apart = np.abs(np.diff(in_plane[order], axis=0)).max(axis=1) > _IN_PLANE
    if not (near & apart).any():
        return [slices]
    groups: list[tuple[NDArray[np.float64], list[Slice]]] = []
    for one, place in zip(slices, in_plane, strict=True):
        for at, group in groups:
            if np.abs(place - at).max() <= _IN_PLANE:
                group.append(one)
                break
        else:
            groups.append((place, [one]))
    return [group for _, group in groups]


def _by_image_type(slices: list[Slice]) -> list[list[Slice]]:
    """Part images of different kind at the same places, such as water and fat of a Dixon scan."""
    if not is_placed(slices[0]):
        return [slices]
    groups: dict[tuple[str, ...], list[Slice]] = defaultdict(list)
    for one in slices:
        groups[one.plane.image_type].append(one)
    parts = list(groups.values())
    if len(parts) > 1 and max(map(_most_at_a_place, parts)) < _most_at_a_place(slices):
        return parts
    return [slices]


def _most_at_a_place(slices: list[Slice]) -> int:
    depth = np.sort(along_normal(slices))
    breaks = np.flatnonzero(np.diff(depth) > SAME_PLACE)
    return int(np.diff(np.concatenate([[-1], breaks, [len(depth) - 1]])).max())
