"""DICOM files without a store, opened in napari."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from explorer.errors import FileRefusedError
from explorer.ingest import ingest
from explorer.store import Store, open_store
from widgets.napari.here import here
from widgets.napari.image_layer import LayerData
from widgets.napari.patient_layers import patient_layers

_SUFFIX = ".for-now.onco"


def read_folder(paths: Sequence[str | Path]) -> list[LayerData]:
    """Open files or folders that nobody has taken into a store.

    They are read by the same readers and rules as by ``oncograph ingest``, into a store in a
    private temporary folder that is deleted at the end of the process. Pixels that the files hold
    uncompressed stay in them, and are read when they are drawn.

    Parameters
    ----------
    paths : sequence of path

    Returns
    -------
    list of tuple
        The layers of the first patient who has an image, as napari's readers give them.

    Raises
    ------
    FileRefusedError
        There is no image among the files that can be read.
    """
    folder = Path(tempfile.mkdtemp(prefix="oncograph-napari-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = open_store(folder / f"opened{_SUFFIX}", create=True)
    result = ingest([Path(one) for one in paths], store)
    desk = here()
    for patient in store.patients():
        if patient.images:
            if desk is not None:
                desk.clear()
                desk.take(patient)
                if len(store) > 1:
                    desk.list_patients(store)
            return patient_layers(patient)
    refused = [row["reason"] for row in result.refused]
    raise FileRefusedError(
        f"No image that can be read: {refused[0] if refused else 'no file of a known kind'}",
        where=", ".join(map(str, paths))[:300],
    )


def for_now(store: Store) -> bool:
    """Whether a store is one that `read_folder` made, and is deleted with the process."""
    return store.place.name.endswith(_SUFFIX)
