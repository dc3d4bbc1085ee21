"""A 96^3 patch at a random place: from the store, and from the same volume as nii.gz."""

from __future__ import annotations

from functools import partial
from typing import Any

import nibabel as nib
import numpy as np
import xarray as xr

from data import Volume
from table import Row, faster, medians

EDGE = 96


def patch(volume: Volume, repeat: int) -> list[Row]:
    """Read patches as training does, image and file opened before."""
    rng = np.random.default_rng(0)
    place: list[slice] = []

    def elsewhere() -> None:
        place[:] = []
        for n in volume.shape:
            start = int(rng.integers(0, max(1, n - EDGE + 1)))
            place.append(slice(start, min(n, start + EDGE)))

    gz: Any = nib.load(volume.nifti_gz)
    images = {name: volume.image(name == "copied").data for name in ("referenced", "copied")}
    elsewhere()
    z, y, x = place
    theirs = np.asarray(gz.dataobj[x, y, z]).transpose(2, 1, 0)
    for image in images.values():
        if not np.array_equal(image[z, y, x].values, theirs):
            raise ValueError("the patches differ")
    calls = {name: partial(_read, image, place) for name, image in images.items()}
    times = medians(
        {"nii.gz": lambda: np.asarray(gz.dataobj[tuple(reversed(place))]), **calls},
        repeat,
        before=elsewhere,
    )
    depth = min(EDGE, volume.shape[0])
    return [
        faster(
            f"patch {depth}x96x96, {name}", volume.title, times[name], "nii.gz by nibabel",
            times["nii.gz"], 50 if name == "copied" else None,
        )
        for name in images
    ]  # fmt: skip


def _read(image: xr.DataArray, place: list[slice]) -> Any:
    return image[tuple(place)].values
