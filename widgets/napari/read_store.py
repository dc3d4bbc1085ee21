"""A store, opened in napari."""

from __future__ import annotations

from explorer.errors import NotFoundError
from explorer.store import Store
from widgets.napari.here import here
from widgets.napari.image_layer import LayerData
from widgets.napari.patient_layers import patient_layers


def read_store(place: str) -> list[LayerData]:
    """Open a store's first patient who has an image, and the list of its patients.

    Parameters
    ----------
    place : str
        Path or URL.

    Returns
    -------
    list of tuple
        As napari's readers give them.

    Raises
    ------
    NotFoundError
        No patient has an image.
    """
    store = Store(place)
    desk = here()
    for patient in store.patients(tables=("items",)):
        if patient.images:
            if desk is not None:
                desk.clear()
                desk.take(patient)
                desk.list_patients(store)
            return patient_layers(patient)
    raise NotFoundError("No patient has an image", where=str(place))
