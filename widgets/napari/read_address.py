"""An address, opened in napari."""

from __future__ import annotations

from explorer.address import Address
from explorer.demo import demo_store
from explorer.errors import AddressError
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.store import Store
from widgets.napari.box_layer import box_layer
from widgets.napari.here import here
from widgets.napari.image_layer import LayerData, image_layer
from widgets.napari.label_layers import label_layers
from widgets.napari.patient_layers import patient_layers
from widgets.napari.spot import spot
from widgets.palette import SELECTED


def read_address(text: str, store: Store | None = None) -> list[LayerData]:
    """Open what an address points at: a patient, an image, masks; a place in one is outlined.

    Parameters
    ----------
    text : str
        Such as ``onco:KEY/images/ID#voxel=3,20,30``, with or without ``//`` behind the colon.
    store : Store, optional
        The one that the viewer has a patient of, or `explorer.demo.demo_store` by default.

    Returns
    -------
    list of tuple
        As napari's readers give them.

    Raises
    ------
    AddressError
        It points at nothing that has a picture.
    NotFoundError
        There is no such patient or item.
    """
    where = Address.parse("onco:" + text.removeprefix("onco:").removeprefix("//"))
    desk = here()
    shown = desk.patient if desk is not None else None
    if store is None:
        store = shown.store if shown is not None else Store(demo_store())
    target = where.resolve(store)
    patient, item = target.patient, target.item
    world = None
    if desk is not None:
        if shown is None or (shown.key, shown.version) != (patient.key, patient.version):
            desk.clear()
            desk.take(patient)
        world = desk.world
    if item is patient:
        return patient_layers(patient)
    if isinstance(item, Image):
        layers = [image_layer(item, world)]
    elif isinstance(item, Segmentation):
        layers = label_layers(item, world)
    else:
        raise AddressError(
            f"{text} has no picture", expected="the address of a patient, an image or masks"
        )
    place = spot(patient, where)
    about = layers[0][1]["metadata"]["oncograph"]
    if place is not None and place.box is not None and "placement" in about:
        boxes = box_layer([place.box], [SELECTED], "Address", about["placement"], about["world"])
        layers.append(boxes)
    return layers
