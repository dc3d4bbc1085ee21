"""frames: which images of a patient become one training volume, on one grid."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from explorer.errors import StoreError
from explorer.image import Image
from explorer.layout import ROW_NAMES
from explorer.patient import Patient
from explorer.segmentation import Segmentation
from explorer.training.settings import Settings

Images = str | Sequence[str] | Callable[[Image], bool]

# What may change of a row without any voxel changing.
_BESIDE = {*ROW_NAMES, "name", "day", "day_state", "acquired", "body_part", "laterality",
           "problems", "labels", "study_uid", "image_reason"}  # fmt: skip


@dataclass
class Frame:
    """One grid, and what lies on it.

    Attributes
    ----------
    patient : Patient
    images : dict of str to Image
        Modality to image; the first one's grid is the frame.
    absent : dict of str to str
        Modality to why there is none.
    masks : list of (Segmentation, str)
        Segmentations and the labels that were asked for.
    """

    patient: Patient
    images: dict[str, Image]
    absent: dict[str, str] = field(default_factory=dict)
    masks: list[tuple[Segmentation, str]] = field(default_factory=list)

    @property
    def first(self) -> Image:
        """The image whose grid it is."""
        return next(iter(self.images.values()))

    @property
    def name(self) -> str:
        """Name of its folder: the image's id, and what its voxels depend on."""
        return f"{re.sub('[^A-Za-z0-9-]', '_', self.first.id)[:40]}-{self.state}"

    @property
    def state(self) -> str:
        """16 hexadecimal digits: the same at another version that has the same voxels."""
        items = {name: image.id for name, image in self.images.items()}
        return voxel_state(self.patient, items, [(one.id, label) for one, label in self.masks])


def voxel_state(patient: Patient, images: dict[str, str], masks: list[tuple[str, str]]) -> str:
    """A hash of all that the voxels of a training volume depend on.

    Parameters
    ----------
    patient : Patient
        At a version.
    images : dict of str to str
        Modality to item.
    masks : list of (str, str)
        Item and label.
    """
    items = dict.fromkeys([*images.values(), *(item for item, _ in masks)])
    rows = [_said(patient, item) for item in items]
    text = json.dumps([rows, list(images.items()), masks], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def frames(patient: Patient, images: Images, settings: Settings) -> tuple[list[Frame], list[str]]:
    """Divide a patient's images into frames.

    Each image of the first modality that the patient has is a frame. An image of another
    modality lies in it where it has the same frame of reference; of several that of the same
    study, then the first in time.

    Parameters
    ----------
    patient : Patient
    images : str, sequence of str, or callable
        Modalities, or which images: ``f(image) -> bool``.
    settings : Settings

    Returns
    -------
    frames : list of Frame
    left : list of str
        What was left out, and why.
    """
    found, left = _usable(patient, images)
    wanted = modalities_of(images) or tuple(dict.fromkeys(one.modality for one in found))
    first = next((name for name in wanted if any(one.modality == name for one in found)), None)
    made = []
    for image in found:
        if image.modality != first:
            continue
        frame = Frame(patient, {first: image})
        for name in wanted:
            if name == first:
                continue
            others = [one for one in found if one.modality == name]
            match = _in_frame(image, others)
            if match is None:
                why = "in another frame of reference" if others else "no such image"
                frame.absent[name] = f"absent: {why}"
            else:
                frame.images[name] = match
        frame.masks = _masks(patient, frame, settings)
        made.append(frame)
    return made, left


def modalities_of(images: Images) -> tuple[str, ...]:
    """The modalities that were named; none where a callable chooses."""
    if callable(images):
        return ()
    named = (images,) if isinstance(images, str) else tuple(images)
    if not named:
        raise StoreError("No modality is named", expected="images='CT', or ('CT', 'PT')")
    return named


def _usable(patient: Patient, images: Images) -> tuple[list[Image], list[str]]:
    named = modalities_of(images)
    found, left = [], []
    for image in patient.images.values():
        chosen = images(image) if callable(images) else image.modality in named
        if not chosen:
            continue
        if image.dims not in (("z", "y", "x"), ("y", "x")):
            left.append(f"{image.id}: it has dims {', '.join(image.dims)}")
        elif image.state != "present":
            left.append(f"{image.id}: {image.state}")
        else:
            found.append(image)
    return found, left


def _in_frame(image: Image, others: list[Image]) -> Image | None:
    same = [
        one
        for one in others
        if one.frame_of_reference and one.frame_of_reference == image.frame_of_reference
    ]
    return min(same, key=lambda one: one.study_uid != image.study_uid, default=None)


def _masks(patient: Patient, frame: Frame, settings: Settings) -> list[tuple[Segmentation, str]]:
    if settings.masks is None:
        return []
    here = {image.id for image in frame.images.values()}
    return [
        (one, label)
        for one in patient.segmentations.values()
        if one.image in here
        for label in one.labels
        if label.casefold().startswith(settings.masks)
    ]


def _said(patient: Patient, item: str) -> list[Any]:
    """What the store says of an item that its voxels depend on."""
    own = [row for row in patient.rows("items") if row["item"] == item]
    parts = [row for row in patient.rows("segments") if row["item"] == item]
    files = [row["sha256"] for row in patient.rows("files") if row["item"] == item]
    plain = [
        {name: value for name, value in row.items() if name not in _BESIDE}
        for row in [*own, *sorted(parts, key=lambda row: row["position"])]
    ]
    # an item that no file is known of may have been put again under its name
    return [plain, sorted(files) or patient.head.snapshot]
