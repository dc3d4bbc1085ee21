"""Cases: which images of a patient go together, and the masks that lie on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GeometryError, StoreError
from explorer.exports.run import Run
from explorer.exports.subject import Subject
from explorer.exports.write_nifti import check_even, image_values
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import same_grid


@dataclass
class Case:
    """An image, others that go with it, and its masks.

    Attributes
    ----------
    images : list of Image
        The channels, in their order.
    segmentations : list of Segmentation
        Those that lie on the first.
    """

    images: list[Image]
    segmentations: list[Segmentation] = field(default_factory=list)

    @property
    def image(self) -> Image:
        """The first channel: the case's grid."""
        return self.images[0]


def settle_channels(run: Run) -> tuple[str, ...]:
    """The channels of all cases: as asked for, else the modality that most segmentations lie on.

    Raises
    ------
    StoreError
        The cohort has no image.
    """
    if run.options.channels:
        return run.options.channels
    rows = run.cohort.rows("items", ["item", "kind", "modality", "image", "dims"]).to_pylist()
    modality = {
        (row["patient"], row["item"]): row["modality"]
        for row in rows
        if row["kind"] == "image" and row["dims"] and "c" not in row["dims"]
    }
    on = Counter(
        modality[row["patient"], row["image"]]
        for row in rows
        if row["kind"] == "segmentation" and (row["patient"], row["image"]) in modality
    )
    found = (on or Counter(modality.values())).most_common()
    if not found:
        raise StoreError("No patient of the cohort has an image")
    return (min(found, key=lambda pair: (-pair[1], pair[0]))[0],)


def matches(image: Image, channel: str) -> bool:
    """Whether an image is what a channel asks for: ``'MR'``, ``'MR:T1'``."""
    modality, _, part = channel.partition(":")
    return image.modality.casefold() == modality.casefold() and (
        not part or part.casefold() in image.name.casefold()
    )


def find_cases(subject: Subject, channels: Sequence[str] = ()) -> list[Case]:
    """A patient's cases; what belongs to none is left out with the reason.

    Parameters
    ----------
    subject : Subject
    channels : sequence of str
        Without any each image is a case of its own.
    """
    patient = subject.patient
    cases, used = [], set[str]()
    for image in patient.images.values():
        if channels and not matches(image, channels[0]):
            continue
        found = Case([image])
        with subject.trying(subject.id(image.id)):
            found.images += [_other(subject, image, one) for one in channels[1:]]
            cases.append(found)
            used |= {one.id for one in found.images}
    first = {case.image.id: case for case in cases}
    for image in patient.images.values():
        if image.id not in used and channels:
            told = any(one["item"] == subject.id(image.id) for one in subject.left_out)
            if not told:
                subject.leave(subject.id(image.id), f"it is no channel of {', '.join(channels)}")
    for segmentation in patient.segmentations.values():
        if segmentation.image in first:
            first[segmentation.image].segmentations.append(segmentation)
        else:
            why = "its image is not known" if segmentation.image is None else (
                "its image is not the first channel of a case")  # fmt: skip
            subject.leave(subject.id(segmentation.id), why)
    return cases


def _other(subject: Subject, image: Image, channel: str) -> Image:
    """The image of another channel: of the same study where several would do, never a guess."""
    found = [one for one in subject.patient.images.values() if matches(one, channel)]
    found = [one for one in found if one.id != image.id]
    for same in ("study_uid", "frame_of_reference", "acquired"):
        mine = getattr(image, same)
        alike = [one for one in found if mine is not None and getattr(one, same) == mine]
        if len(found) > 1 and alike:
            found = alike
    if len(found) != 1:
        raise StoreError(f"{len(found) or 'no'} images of the patient are the channel {channel}")
    return found[0]


def channel_values(case: Case, index: int, resample: bool) -> tuple[NDArray[Any], bool]:
    """Values of a channel on the case's grid, and whether they were resampled.

    Returns
    -------
    values : ndarray, (z, y, x)
        int16 or float32.
    resampled : bool

    Raises
    ------
    GeometryError
        It has another grid, and resampling was not asked for.
    """
    image = case.images[index]
    values = image_values(image)
    if values.ndim != 3:
        raise GeometryError("a series of volumes is no channel of a case")
    first = case.image
    if index == 0 or same_grid(first.affine, image.affine, grid_shape(first), grid_shape(image)):
        return values, False
    if not resample:
        raise GeometryError(
            f"{image.modality} has another grid than {first.modality}: ask for resample=True"
        )
    if first.frame_of_reference and image.frame_of_reference not in (
        None, first.frame_of_reference
    ):  # fmt: skip
        raise GeometryError(
            f"{image.modality} and {first.modality} have different frames of reference"
        )
    return _linear(values, image, first), True


def grid_shape(image: Image) -> tuple[int, int, int]:
    """Shape ``(z, y, x)``; a plane has one slice."""
    return (image.shape[-3] if "z" in image.dims else 1, image.shape[-2], image.shape[-1])


def _linear(values: NDArray[Any], image: Image, first: Image) -> NDArray[Any]:
    """Linear interpolation at the first channel's voxel centres; outside the image's least."""
    from scipy.ndimage import affine_transform

    check_even(image)
    check_even(first)
    step = np.linalg.inv(image.affine) @ first.affine  # index xyz of the first to index of image
    flip = np.eye(4)[[2, 1, 0, 3]]
    zyx = flip @ step @ flip
    low = float(values.min())
    found = affine_transform(
        values.astype(np.float32), zyx[:3, :3], zyx[:3, 3], grid_shape(first), np.float32, 1,
        "constant", low,
    )  # fmt: skip
    if values.dtype.kind in "iu":
        return np.asarray(np.rint(found).astype(values.dtype))
    return np.asarray(found, np.float32)


def case_masks(
    subject: Subject, case: Case, resample: bool
) -> Iterator[tuple[Segmentation, dict[str, Any], NDArray[np.bool_]]]:
    """Each segment of a case on the case's grid: its segmentation, its row, bool ``(z, y, x)``.

    A segmentation on another grid is left out with the reason, unless it may be resampled.
    """
    for segmentation in case.segmentations:
        grid = grid_shape(case.image)
        if not resample and not same_grid(
            segmentation.affine, case.image.affine, segmentation.shape[-3:], grid
        ):
            subject.leave(
                subject.id(segmentation.id),
                "its masks have another grid than the image: ask for resample=True",
            )
            continue
        for row in segmentation.segments:
            with subject.trying(f"{subject.id(segmentation.id)} segment {row['position'] + 1}"):
                yield segmentation, row, np.asarray(segmentation.mask(row["name"]).values)


def distinct_names(subject: Subject, case: Case) -> dict[tuple[str, int], str]:
    """(segmentation, position) to the segment's name, made unique within the case."""
    found: dict[tuple[str, int], str] = {}
    taken: set[str] = set()
    for segmentation in case.segmentations:
        for row in segmentation.segments:
            name = fresh = subject.segment(row)
            count = 1
            while fresh in taken:
                count += 1
                fresh = f"{name} {count}"
            taken.add(fresh)
            found[segmentation.id, row["position"]] = fresh
    return found
