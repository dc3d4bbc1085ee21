"""new_file: write a file that was not there and that only its owner reads."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path


def new_file(path: str | PathLike[str], data: bytes) -> Path:
    """Write a new file, for its owner's eyes.

    Parameters
    ----------
    path : path-like
    data : bytes

    Returns
    -------
    Path

    Raises
    ------
    FileExistsError
        It is there already.
    """
    place = Path(path)
    # binary where the system tells the two apart
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(place, flags, 0o600), "wb") as file:
        file.write(data)
    return place
