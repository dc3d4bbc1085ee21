"""The bundled patients, for napari's File > Open Sample."""

from __future__ import annotations

from platformdirs import user_cache_path

from explorer.demo import make_demo
from explorer.store import Store
from widgets.napari.here import here
from widgets.napari.image_layer import LayerData
from widgets.napari.patient_layers import patient_layers


def samples() -> Store:
    """The store of the bundled patients; made from the package's own files at the first call.

    Returns
    -------
    Store
        In the user's cache folder. Nothing is asked of the network.
    """
    folder = user_cache_path("oncograph", ensure_exists=True) / "samples"
    place = folder / "patients.onco"
    if (folder / "whole").exists():
        return Store(place, [folder])
    store = make_demo(place)
    (folder / "whole").touch()
    return store


def open_sample(name: str) -> list[LayerData]:
    """Open a bundled patient.

    Parameters
    ----------
    name : str
        Such as ``STS_002``.

    Returns
    -------
    list of tuple
        As napari's readers give them.
    """
    store = samples()
    patient = store[name]
    desk = here()
    if desk is not None:
        desk.clear()
        desk.take(patient)
        desk.list_patients(store)
    return patient_layers(patient)


def sarcoma() -> list[LayerData]:
    """Soft-tissue-Sarcoma STS_002: CT, PET and MR with a contour on each."""
    return open_sample("STS_002")


def nodule() -> list[LayerData]:
    """LIDC-IDRI-0314: CT of the chest, one nodule outlined by four readers."""
    return open_sample("LIDC-IDRI-0314")


def prostate() -> list[LayerData]:
    """PCAMPMRI-00001: oblique MR of the prostate with overlapping segments."""
    return open_sample("PCAMPMRI-00001")


def glioblastoma() -> list[LayerData]:
    """UPENN-GBM-00002: MR of the brain with three parts of a tumour."""
    return open_sample("UPENN-GBM-00002")


def lung() -> list[LayerData]:
    """TCGA-34-2605: CT of the chest."""
    return open_sample("TCGA-34-2605")
