"""Windows that people expect for a modality."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import OncographError
from explorer.image import Image


@dataclass(frozen=True)
class Preset:
    """A grey scale.

    Attributes
    ----------
    name : str
    window, level : float
        Width and centre in the image's units; the grey scale runs from ``level - window / 2`` to
        ``level + window / 2``.
    invert : bool
        High values dark.
    """

    name: str
    window: float
    level: float
    invert: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the browser."""
        return asdict(self)


# Widths and centres in HU that textbooks and workstations use, such as
# https://radiopaedia.org/articles/windowing-ct
_CT = (
    Preset("Soft tissue", 400, 40),
    Preset("Lung", 1500, -600),
    Preset("Bone", 1800, 400),
    Preset("Brain", 80, 40),
    Preset("Liver", 150, 60),
)
_SUV = (
    Preset("SUV 0-5", 5, 2.5, True),
    Preset("SUV 0-10", 10, 5, True),
    Preset("SUV 0-5, white hot", 5, 2.5),
)


def presets(image: Image, sample: Callable[[], NDArray[np.float64]]) -> list[Preset]:
    """The windows to offer, the first one being the one to begin with.

    Parameters
    ----------
    image : Image
    sample : callable
        Gives finite values of the image, for windows that follow its own range; not called where
        there are fixed ones.

    Returns
    -------
    list of Preset
        At least one.
    """
    if image.modality == "CT" and image.units == "HU":
        return [*_CT, *_from_file(image, False)]
    if image.units.startswith("SUV"):
        return list(_SUV)
    inverted = image.modality == "PT" or image.meta.get("photometric") == "MONOCHROME1"
    auto = _percentiles(sample, inverted)
    own = _from_file(image, inverted)
    # radiographs carry the window that they were signed off with
    return [*own, auto] if image.modality in ("CR", "DX", "MG") else [auto, *own]


def _percentiles(sample: Callable[[], NDArray[np.float64]], invert: bool) -> Preset:
    """From the 1st to the 99.5th percentile."""
    try:
        values = sample()
    except OncographError:
        values = np.empty(0)  # unreadable: the planes will say so
    if not values.size:
        return Preset("Auto", 1, 0.5, invert)
    low, high = (float(v) for v in np.percentile(values, (1, 99.5)))
    # a constant image still gets a window of some width
    width = high - low if high > low else max(abs(low), 1.0) * 1e-3
    return Preset("Auto", width, (low + high) / 2, invert)


def _from_file(image: Image, invert: bool) -> list[Preset]:
    """Windows that the file itself asks for (DICOM PS3.3 C.11.2.1.2), at most two."""
    found = []
    for pair in (image.meta.get("window") or [])[:2]:
        center, width = float(pair[0]), float(pair[1])
        if np.isfinite([center, width]).all() and width > 0:
            found.append(Preset("From the file", width, center, invert))
    return found
