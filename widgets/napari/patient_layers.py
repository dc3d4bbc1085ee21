"""The layers that a patient is opened with."""

from __future__ import annotations

from explorer.errors import NotFoundError
from explorer.image import Image
from explorer.patient import Patient
from explorer.segmentation import Segmentation
from graphs import groundings
from widgets.napari.box_layer import Box, box_layer
from widgets.napari.image_layer import LayerData, image_layer
from widgets.napari.label_layers import label_layers
from widgets.napari.layer_text import layer_text
from widgets.napari.spot import spot
from widgets.napari.world import World
from widgets.palette import GROUNDINGS


def patient_layers(
    patient: Patient, image: str | None = None, world: World | None = None
) -> list[LayerData]:
    """Make the layers of a patient: an image, a PET laid over it, the masks, the boxes.

    Parameters
    ----------
    patient : Patient
    image : str, optional
        Id, or a modality or name that only one image has; by default the first one that a
        segmentation lies on, or the CT that lies under a PET.
    world : World, optional
        The one that lies along the image by default.

    Returns
    -------
    list of tuple
        As napari's readers give them, the lowest layer first.

    Raises
    ------
    NotFoundError
        The patient has no image, or not this one.
    """
    if not patient.images:
        raise NotFoundError("There is no image to show", where=f"patient {patient.label}")
    first = patient.images[image] if image is not None else first_image(patient)
    if "z" not in first.dims:
        return [image_layer(first)]
    world = world or World.along(first.affine)
    shown = [first]
    if first.modality != "PT":
        shown += [one for one in _beside(patient, first) if one.modality == "PT"]
    layers = [image_layer(one, world, over=one is not first) for one in shown]
    for one in shown:
        for segmentation in lying_on(patient, one):
            layers += label_layers(segmentation, world)
    boxes = grounding_layer(patient, first, world)
    return layers + ([boxes] if boxes else [])


def first_image(patient: Patient) -> Image:
    """The image that a patient is opened with."""
    with_masks = [one for one in patient.images.values() if lying_on(patient, one)]
    for pet in patient.images.values():
        if pet.modality == "PT":
            ct = [one for one in _beside(patient, pet) if one.modality == "CT"]
            if ct:
                return ct[0]
    return (with_masks or list(patient.images.values()))[0]


def lying_on(patient: Patient, image: Image) -> list[Segmentation]:
    """The segmentations that were made on an image."""
    return [one for one in patient.segmentations.values() if one.image == image.id]


def grounding_layer(patient: Patient, image: Image, world: World) -> LayerData | None:
    """Make the layer of the places that findings were given in an image; None without one.

    Parameters
    ----------
    patient : Patient
    image : Image
        With a z axis.
    world : World

    Returns
    -------
    tuple or None
        Boxes, coloured by how the grounding stands; a segment's is on the segment's own layer.
    """
    boxes: list[Box] = []
    colors: list[str] = []
    about: dict[str, list[str]] = {"grounding": [], "status": []}
    for one in groundings(patient):
        target = one.target or ""
        if not target.startswith(f"images/{image.id}#"):
            continue
        found = spot(patient, f"onco:{patient.key}/{target}")
        if found is not None and found.box is not None:
            boxes.append(found.box)
            colors.append(GROUNDINGS[one.status])
            about["grounding"].append(one.id)
            about["status"].append(one.status)
    if not boxes:
        return None
    z, y, x = (image.shape[image.dims.index(name)] for name in "zyx")
    placement = world.place(image.affine, (z, y, x), image.slice_origins)
    name = layer_text(f"Groundings on {image.modality}")
    return box_layer(boxes, colors, name, placement, world, about)


def _beside(patient: Patient, image: Image) -> list[Image]:
    """Other volumes in the same frame of reference."""
    frame = image.frame_of_reference
    return [
        one
        for one in patient.images.values()
        if frame and one.frame_of_reference == frame and one.id != image.id and "z" in one.dims
    ]
