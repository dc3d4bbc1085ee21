"""A whole volume into memory: from the store, and with pydicom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data import Volume, pydicom_rescaled, pydicom_volume
from explorer.image import Image
from table import Row, faster, medians


def whole_volume(volume: Volume, repeat: int) -> list[Row]:
    """Read all voxels as int16 HU; against a pydicom series, read in two ways."""
    peers: dict[str, Callable[[], Any]] = {
        "pydicom, pixel_array into int16": partial(pydicom_volume, volume.series),
        "pydicom, apply_rescale": partial(pydicom_rescaled, volume.series),
    }
    opened = {name: volume.image(name == "copied") for name in ("referenced", "copied")}
    ours: dict[str, Callable[[], Any]] = {n: partial(_values, i) for n, i in opened.items()}
    for name in opened:
        ours[f"{name}, anew"] = partial(_anew, volume, name == "copied")
    times = medians({**peers, **ours}, repeat)
    for image in opened.values():
        for read in peers.values():
            if not np.array_equal(image.data.values, read()):
                raise ValueError("the volumes differ")
    rows = []
    for name, target in (("referenced", 8), ("copied", 5)):
        for peer in peers:
            took, theirs = times[name], times[peer]
            rows.append(faster(f"whole volume, {name}", volume.title, took, peer, theirs, target))
        what = f"whole volume, {name}, store opened for it"
        peer = next(iter(peers))
        rows.append(faster(what, volume.title, times[f"{name}, anew"], peer, times[peer]))
    return rows


def _values(image: Image) -> NDArray[Any]:
    return np.asarray(image.data.values)


def _anew(volume: Volume, copied: bool) -> NDArray[Any]:
    return _values(volume.image(copied))
