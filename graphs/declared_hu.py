"""declared_hu: whether an image's values are HU because somebody says so, not its file."""

from __future__ import annotations

from explorer.image import Image
from graphs.errors import ProjectionError

# of these an image without a unit may be in HU; an MR or a PET never is
_MAY_BE_CT = ("CT", "OT", "unknown")


def declared_hu(image: Image, unit: str | None) -> bool:
    """Make sure that an image is in HU.

    NIfTI and NRRD have no place for what a value means, so a CT of theirs has the unit '1' until
    a person says more. A unit that a file does name is never overruled.

    Parameters
    ----------
    image : Image
    unit : {'HU'} or None
        What the person says.

    Returns
    -------
    bool
        False where the file says so itself.

    Raises
    ------
    ProjectionError
        Nobody says so, or the file says otherwise.
    """
    if unit not in (None, "HU"):
        raise ProjectionError(f"The unit {unit!r}", expected="'HU', or none", where=image.where)
    if image.units == "HU":
        return False
    open_to = image.units == "1" and (
        image.modality in _MAY_BE_CT or image.meta.get("modality_by") == "file name"
    )
    if open_to and unit == "HU":
        return True
    said = f"Values in {image.units!r} say nothing of the attenuation of X-rays"
    raise ProjectionError(
        said if open_to else f"{said}; modality {image.modality}",
        expected="a CT in HU",
        where=image.where,
        do='where its values are HU, say so with unit="HU"' if open_to else None,
    )
