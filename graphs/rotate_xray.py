"""Rotate an X-ray: exact where there is a CT, refused without one, or guessed by a local model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.image import Image
from graphs.errors import ProjectionError
from graphs.project import project
from graphs.view_axes import View

if TYPE_CHECKING:
    from graphs.projection import Projection
    from graphs.rotated_xray import RotatedXray
    from graphs.rotation_model import RotationModel


def rotate_xray(
    image: Image, view: View, *, model: RotationModel | None = None, unit: str | None = None
) -> Projection | RotatedXray:
    """See a patient from another side.

    Parameters
    ----------
    image : Image
        A CT, which is projected; or a radiograph.
    view : str, float, tuple of float or array_like
        As of `project`. Of a radiograph with a model the azimuth in degrees.
    model : RotationModel, optional
        For radiographs. It makes up what the picture does not hold.
    unit : {'HU'}, optional
        As of `project`: of a CT whose file does not say that it is in HU.

    Returns
    -------
    Projection or RotatedXray
        The second one is a model's guess, and flagged as such.

    Raises
    ------
    ProjectionError
        The image is a radiograph and there is no model: one picture does not say what lies
        behind what. The message names the patient's CTs, if there are any.
    """
    if "z" in image.dims:
        return project(image, view, unit=unit)
    if model is not None:
        from graphs.rotated_xray import rotated_xray

        if not isinstance(view, int | float):
            raise ProjectionError(f"The view {view!r}", expected="an azimuth in degrees")
        return rotated_xray(image, float(view), model)
    volumes = [one for one in image.patient.images.values() if "z" in one.dims]
    known = [one.id for one in volumes if one.units == "HU"]
    said = [one.id for one in volumes if one.units == "1" and one.modality == "CT"]
    if known:
        do = f"project a CT of the patient: {', '.join(known)}"
    elif said:
        do = f'project a CT of the patient, with unit="HU" where it is in HU: {", ".join(said)}'
    else:
        do = "the patient has no CT; a model of a local folder can only guess (RotationModel)"
    raise ProjectionError(
        "A radiograph cannot be rotated: one picture does not say what lies behind what",
        where=image.where,
        do=do,
    )
