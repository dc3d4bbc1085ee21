"""What other rooms and guests offer, found by entry point."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any, cast

from explorer.errors import NotInstalledError
from explorer.readers.reader import Reader


@lru_cache(maxsize=1)
def readers() -> tuple[Reader, ...]:
    """Every installed reader, in the order in which they are asked.

    Returns
    -------
    tuple of Reader
    """
    # 'dicom' takes whatever is DICOM, so those for one kind of it are asked before
    points = entry_points(group="oncograph.readers")
    found = sorted(points, key=lambda point: (point.name == "dicom", point.name))
    if not found:
        raise NotInstalledError(
            "No readers are registered", do="install the package again: pip install -e ."
        )
    return tuple(cast("Reader", point.load()()) for point in found)


def find_view(name: str) -> Callable[..., Any]:
    """The view that a room has registered under a name.

    Parameters
    ----------
    name : str
        'patient', ...

    Raises
    ------
    NotInstalledError
        There is none, or what it needs is missing.
    """
    for point in entry_points(group="oncograph.views", name=name):
        try:
            return cast("Callable[..., Any]", point.load())
        except ImportError as error:
            raise NotInstalledError(
                f"The view {name!r} cannot be loaded: {error}",
                do="pip install -c constraints.txt -e . in the project's folder",
            ) from error
    raise NotInstalledError(
        f"No view {name!r} is installed",
        do="install the whole of oncograph: pip install -c constraints.txt -e .",
    )
