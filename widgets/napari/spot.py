"""Where in an array of a patient an address points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.errors import AddressError
from explorer.image import Image
from explorer.patient import Patient
from explorer.segmentation import Segmentation
from explorer.space import lps_to_index
from widgets.napari.lazy_labels import read_mask
from widgets.stored_chunks import stored_chunks

Box = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Spot:
    """A place to look at.

    Attributes
    ----------
    item : Image or Segmentation
        On whose grid it is.
    index : tuple of float
        ``(z, y, x)``, or ``(y, x)`` of a picture.
    box : tuple of (int, int), or None
        What to outline: voxel edges, half-open.
    label : str or None
        The segment.
    time : int or None
    """

    item: Image | Segmentation
    index: tuple[float, ...]
    box: Box | None = None
    label: str | None = None
    time: int | None = None


def spot(patient: Patient, address: str | Address) -> Spot | None:
    """Find the place of an address.

    Parameters
    ----------
    patient : Patient
    address : str or Address

    Returns
    -------
    Spot or None
        None where it names no place in an image: a report, a whole image, an empty segment,
        something of another patient.

    Raises
    ------
    AddressError
        It points outside of its image.
    """
    where = Address.parse(address) if isinstance(address, str) else address
    if where.key != patient.key:
        return None
    if where.kind == "segmentations" and "label" in where.fragment:
        masks = patient.segmentations.get(where.item)
        label = str(where.fragment["label"])
        if masks is None or label not in masks.labels:
            return None
        return _of_segment(masks, label)
    image = patient.images.get(where.item) if where.kind == "images" else None
    return None if image is None else _in_image(image, where.fragment)


def _in_image(image: Image, fragment: dict[str, Any]) -> Spot | None:
    sizes = {name: n for name, n in zip(image.dims, image.shape, strict=True) if name in "zyx"}
    size = np.array([sizes[name] for name in "zyx" if name in sizes])
    time, box = None, None
    if "box" in fragment:
        box = fragment["box"][-len(size) :]
        index = np.array([(low + high - 1) / 2 for low, high in box])
    elif "voxel" in fragment:
        index = np.array(fragment["voxel"][-len(size) :], float)
        if len(fragment["voxel"]) > len(size):
            time = int(fragment["voxel"][0])
        box = tuple((int(k), int(k) + 1) for k in index)
    elif "point" in fragment and len(size) == 3:
        index = lps_to_index(image.affine, fragment["point"], image.slice_origins)
        near = np.rint(index).astype(int)
        box = tuple((int(k), int(k) + 1) for k in near)
    else:
        return None
    if len(index) != len(size) or (index < -0.5).any() or (index > size - 0.5).any():
        raise AddressError("It points outside of the image", where=image.where)
    return Spot(image, tuple(float(k) for k in index), box, None, time)


def _of_segment(segmentation: Segmentation, label: str) -> Spot | None:
    """Middle of the slice that has most of a segment, and the segment's box."""
    position = segmentation.labels.index(label)
    area = np.zeros(segmentation.shape[0], np.int64)
    low, high = np.array(segmentation.shape), np.zeros(3, int)
    sums = np.zeros((segmentation.shape[0], 2))
    for segment, *place in stored_chunks(segmentation.stored):
        if segment != position:
            continue
        start = np.array(place, np.int64) * segmentation.stored.chunks[1:]
        region = tuple(
            slice(a, a + size)
            for a, size in zip(start, segmentation.stored.chunks[1:], strict=True)
        )
        at: NDArray[np.int64] = np.argwhere(read_mask(segmentation, (position, *region))) + start
        if len(at):
            low, high = np.minimum(low, at.min(axis=0)), np.maximum(high, at.max(axis=0) + 1)
            np.add.at(area, at[:, 0], 1)
            np.add.at(sums, at[:, 0], at[:, 1:])
    if not area.any():
        return None
    z = int(area.argmax())
    y, x = sums[z] / area[z]
    box = tuple((int(a), int(b)) for a, b in zip(low, high, strict=True))
    return Spot(segmentation, (float(z), float(y), float(x)), box, label)
