"""What napari asks for a path: the function that reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from widgets.napari.image_layer import LayerData
from widgets.napari.is_dicom import is_dicom
from widgets.napari.read_address import read_address
from widgets.napari.read_folder import read_folder
from widgets.napari.read_store import read_store

Read = Callable[[str | Sequence[str]], list[LayerData]]

_LOOKED_AT = 40  # files of a folder, to tell whether it holds DICOM


def get_reader(path: str | Sequence[str]) -> Read | None:
    """Tell which function reads a path.

    Parameters
    ----------
    path : str or list of str
        A store (a folder ``*.onco``), an address (``onco:KEY/images/ID``, or with ``//`` behind
        the colon for ``viewer.open``, which takes nothing else for a URL), a folder with DICOM
        files, or such files.

    Returns
    -------
    callable or None
        None where it is none of these.
    """
    first = path if isinstance(path, str) else path[0]
    if first.startswith("onco:"):
        return lambda _: read_address(first)
    place = Path(first)
    if place.is_dir():
        if (place / "oncograph.json").is_file() or place.suffix == ".onco":
            return lambda _: read_store(first)
        return _folder if _holds_dicom(place) else None
    return _folder if place.is_file() and is_dicom(place) else None


def _folder(path: str | Sequence[str]) -> list[LayerData]:
    return read_folder([path] if isinstance(path, str) else list(path))


def _holds_dicom(folder: Path) -> bool:
    looked_at = 0
    for one in folder.rglob("*"):
        if one.is_file():
            if is_dicom(one):
                return True
            looked_at += 1
        if looked_at == _LOOKED_AT:
            return False
    return False
