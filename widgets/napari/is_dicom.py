"""Whether a file says of itself that it is DICOM."""

from __future__ import annotations

from pathlib import Path

_PREAMBLE = 128


def is_dicom(path: Path) -> bool:
    """Look for the prefix of a DICOM file (PS3.10, 7.1); False where it cannot be read.

    Parameters
    ----------
    path : pathlib.Path
    """
    try:
        with path.open("rb") as file:
            return file.read(_PREAMBLE + 4)[_PREAMBLE:] == b"DICM"
    except OSError:
        return False
