"""Extent of a target: its box in the voxels of an image, and what lies at a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.address import Address
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import lps_to_index
from graphs.errors import GroundingError
from graphs.measure import bounding_box

if TYPE_CHECKING:
    from explorer.patient import Patient

Box = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Extent:
    """The box around a target.

    Attributes
    ----------
    kind : {'images', 'segmentations'}
        Whose voxels `box` counts: an image's, or the masks' own where the image is not known.
    item : str
    box : tuple
        Spans along z, y, x (y, x of a picture), voxel edges, half-open; of a mask its bounding
        box.
    """

    kind: str
    item: str
    box: Box

    def target(self, patient: Patient) -> str:
        """Address without key and version: ``images/ct-1#box=3:9,10:40,20:50``."""
        whole = Address(patient.key, self.kind, self.item, None, {"box": self.box})
        return str(whole).split("/", 1)[1]


def extent(patient: Patient, target: str) -> Extent:
    """Give the box around a target.

    Parameters
    ----------
    patient : Patient
    target : str
        A segment, or a box, voxel or point of an image; without key and version.

    Returns
    -------
    Extent

    Raises
    ------
    GroundingError
        It has no place in voxels, or its mask is empty.
    NotFoundError
        The patient has no such item.
    """
    address = Address.parse(f"onco:{patient.key}/{target}")
    fragment: dict[str, Any] = address.fragment
    if address.kind == "segmentations" and "label" in fragment:
        segmentation = patient.segmentations[address.item]
        box = bounding_box(np.asarray(segmentation.mask(fragment["label"])))
        if box is None:
            raise GroundingError(f"The mask {target} is empty", where=f"patient {patient.label}")
        if isinstance(patient.images.get(segmentation.image or ""), Image):
            return Extent("images", str(segmentation.image), box)
        return Extent("segmentations", segmentation.id, box)
    if address.kind == "images":
        image = patient.images[address.item]
        if "box" in fragment:
            return Extent("images", image.id, tuple(fragment["box"]))
        at = voxel_of(image, fragment)
        if at is not None:
            return Extent("images", image.id, tuple((i, i + 1) for i in at))
    raise GroundingError(f"{target} is no place in voxels", expected="a segment, box or point")


def voxel_of(item: Image | Segmentation, fragment: dict[str, Any]) -> tuple[int, ...] | None:
    """The voxel that a fragment's 'voxel' or 'point' (mm LPS) names; None where it has neither."""
    if "voxel" in fragment:
        return tuple(int(i) for i in fragment["voxel"][-len("zyx") :])
    if "point" not in fragment:
        return None
    at = lps_to_index(item.affine, np.asarray(fragment["point"], float), item.slice_origins)
    return tuple(int(i) for i in np.rint(at))
