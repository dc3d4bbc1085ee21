"""A file a segment: what TorchIO's subjects, NIfTI + CSV and BIDS' derivatives have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.exports.safe_name import word_name
from explorer.exports.subject import Subject
from explorer.exports.write_nifti import check_even, write_nifti
from explorer.segmentation import Segmentation


def write_masks(
    subject: Subject, segmentation: Segmentation, folder: str, *, on_image: bool = False
) -> list[dict[str, Any]]:
    """Write each segment of a segmentation as a mask of its own.

    Parameters
    ----------
    subject : Subject
    segmentation : Segmentation
    folder : str
        Below the export's, with a slash.
    on_image : bool
        On the image's grid (nearest voxel) where the masks have another.

    Returns
    -------
    list of dict
        file, segment, number, code, algorithm of each, for an index.
    """
    written = []
    item = subject.id(segmentation.id)
    about = subject.about(segmentation)
    for row in segmentation.segments:
        name = subject.segment(row)
        with subject.trying(f"{item} segment {row['position'] + 1}"):
            mask = (segmentation.mask if on_image else segmentation.own_mask)(row["name"])
            resampled = bool(mask.attrs["resampled"])
            affine = np.asarray(mask.attrs["affine"], float)
            if not resampled:
                check_even(segmentation)
            word = f"_{word_name(name)}" if word_name(name) else ""
            path = subject.path(f"{folder}{row['position'] + 1:02}{word}.nii.gz")
            write_nifti(path, np.asarray(mask.values), affine)
            image = subject.id(segmentation.image) if segmentation.image else None
            file = subject.add(path, **about, segment=name, image=image, resampled=resampled)
            written.append({
                "file": file, "item": item, "segment": name, "number": row["number"],
                "code_value": row["code_value"], "code_scheme": row["code_scheme"],
                "code_meaning": row["code_meaning"], "image": image, "resampled": resampled,
                "algorithm_type": row["algorithm_type"], "synthetic": segmentation.synthetic,
                "name": subject.label(segmentation.name), "modality": segmentation.modality,
                "acquired": subject.date(segmentation.acquired),
            })  # fmt: skip
    return written


def image_note(subject: Subject, image: Any, file: str) -> dict[str, Any]:
    """What an index says of an image."""
    return {
        "file": file, "item": subject.id(image.id), "modality": image.modality,
        "units": image.units, "name": subject.label(image.name),
        "acquired": subject.date(image.acquired), "synthetic": image.synthetic,
    }  # fmt: skip
