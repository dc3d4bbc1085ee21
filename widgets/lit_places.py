"""Where on an image that lies what is lit in a selection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from explorer.address import Address
from explorer.errors import OncographError
from explorer.image import Image
from widgets.box_layer import Box, inside
from widgets.lattice import Lattice


@dataclass
class LitPlaces:
    """What an image's view shows of a selection.

    Attributes
    ----------
    boxes : dict
        Address to box, of this image.
    segments : list of (str, str)
        Segmentation and label.
    voxels : list of list of int
        Where to go, the first one first: ``[z, y, x]``.
    """

    boxes: dict[str, Box] = field(default_factory=dict)
    segments: list[tuple[str, str | None]] = field(default_factory=list)
    voxels: list[list[int]] = field(default_factory=list)


def lit_places(lit: Iterable[str], image: Image, lattice: Lattice) -> LitPlaces:
    """Look up the addresses of a selection on an image.

    A place on another image counts where both share a frame of reference: it is somewhere to go.

    Parameters
    ----------
    lit : iterable of str
    image : Image
    lattice : Lattice
        The image's.

    Returns
    -------
    LitPlaces
    """
    found = LitPlaces()
    for text in lit:
        address = Address.parse(text)
        if address.key != image.patient.key:
            continue
        if address.kind == "segmentations":
            label = address.fragment.get("label")
            found.segments.append((address.item, None if label is None else str(label)))
        elif address.kind == "images" and address.item == image.id:
            _own(text, address, image, lattice, found)
        elif address.kind == "images" and address.fragment:
            _others(address, image, lattice, found)
    return found


def _own(text: str, address: Address, image: Image, lattice: Lattice, found: LitPlaces) -> None:
    box, voxel = _box(address, lattice), _voxel(address, lattice, image)
    if box is not None:
        found.boxes[text] = box
        found.voxels.append([(low + high) // 2 for low, high in box])
    elif voxel is not None:
        found.voxels.append(voxel)


def _others(address: Address, image: Image, lattice: Lattice, found: LitPlaces) -> None:
    try:
        other = image.patient.images[address.item]
    except OncographError:
        return
    frame = other.frame_of_reference
    if frame is None or frame != image.frame_of_reference:
        return
    sizes = dict(zip(other.dims, other.shape, strict=True))
    shape = (sizes.get("z", 1), sizes["y"], sizes["x"])
    there = Lattice(other.affine, shape, other.slice_origins)
    box = _box(address, there)
    if box is not None:
        at = there.to_lps([(low + high) // 2 for low, high in box])
    else:
        voxel = _voxel(address, there, other)
        if voxel is None:
            return
        at = there.to_lps(voxel)
    index, within = lattice.nearest(at)
    if within:
        found.voxels.append([int(v) for v in index])


def _box(address: Address, lattice: Lattice) -> Box | None:
    value: Any = address.fragment.get("box")
    try:
        return None if value is None else inside(value, lattice.shape)
    except ValueError:
        return None  # of another version of the image, or made by hand


def _voxel(address: Address, lattice: Lattice, image: Image) -> list[int] | None:
    value: Any = address.fragment.get("voxel")
    if value is not None:
        voxel = [*value][-3:] if "z" in image.dims else [0, *value[-2:]]
        if len(voxel) != 3:
            return None
        return voxel if all(0 <= k < n for k, n in zip(voxel, lattice.shape, strict=True)) else None
    point: Any = address.fragment.get("point")
    if point is None:
        return None
    index, within = lattice.nearest(point)
    return [int(v) for v in index] if within else None
