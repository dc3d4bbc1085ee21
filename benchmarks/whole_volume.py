"""A whole volume into memory: from the store, and with pydicom."""

from __future__ import annotations

import numpy as np

from data import Volume, pydicom_volume
from table import Row, faster, medians


def whole_volume(volume: Volume, repeat: int) -> list[Row]:
    """Open the store, find the patient, read all voxels as int16 HU; against a pydicom series."""
    times = medians(
        {
            "pydicom": lambda: pydicom_volume(volume.series),
            "referenced": lambda: volume.image(copied=False).data.values,
            "copied": lambda: volume.image(copied=True).data.values,
        },
        repeat,
    )
    for copied in (False, True):
        if not np.array_equal(volume.image(copied).data.values, pydicom_volume(volume.series)):
            raise ValueError("the volumes differ")
    return [
        faster(
            f"whole volume, {name}, store opened anew", volume.title, times[name],
            "pydicom series", times["pydicom"], target,
        )
        for name, target in (("referenced", 8), ("copied", 5))
    ]  # fmt: skip
