"""Whole volumes against pydicom, patches against .nii.gz: by reference and copied."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pydicom
from table import Line, faster
from timing import in_turn

import explorer
from explorer.ingest import ingest

REPEATS = 5


def with_pydicom(folder: Path) -> np.ndarray:
    """Read a series as people do: every slice, sorted by position, stacked, rescaled."""
    slices = [pydicom.dcmread(path) for path in folder.glob("*.dcm")]
    slices.sort(key=lambda s: float(s.ImagePositionPatient[2]))
    volume = np.stack([s.pixel_array for s in slices]).astype(np.int16)
    volume *= np.int16(slices[0].RescaleSlope)
    volume += np.int16(slices[0].RescaleIntercept)
    return volume


def reading(name: str, series: Path, scratch: Path) -> list[Line]:
    """Compare reading on one series.

    Parameters
    ----------
    name : str
        What the volume is, for the table.
    series : pathlib.Path
        Folder of DICOM files.
    scratch : pathlib.Path

    Returns
    -------
    list of Line
    """
    images = {}
    for mode, copy in (("by reference", False), ("copied", True)):
        store = scratch / f"{mode.replace(' ', '-')}.onco"
        ingest(series, store, copy=copy)
        opened = explorer.open(store)
        images[mode] = next(iter(opened[next(iter(opened))].images.values()))
    truth = with_pydicom(series)
    packed = scratch / "volume.nii.gz"
    nibabel.save(nibabel.Nifti1Image(truth.T, np.eye(4)), packed)
    z, y, x = (max(0, (n - 96) // 2) for n in truth.shape)
    patch = (slice(z, z + 96), slice(y, y + 96), slice(x, x + 96))
    for mode, image in images.items():
        if not np.array_equal(image.data.values, truth):
            raise SystemExit(f"{name}, {mode}: the values differ from pydicom's")
    whole = in_turn(
        {
            "pydicom": lambda: with_pydicom(series),
            **{mode: (lambda i=image: i.data.values) for mode, image in images.items()},
        },
        REPEATS,
    )
    part = in_turn(
        {
            "nii.gz": lambda: np.asarray(nibabel.load(packed).dataobj[patch[::-1]]),
            **{mode: (lambda i=image: i.data[patch].values) for mode, image in images.items()},
        },
        REPEATS,
    )
    size = " x ".join(
        str(s.stop - s.start) for s in (slice(z, min(z + 96, truth.shape[0])), *patch[1:])
    )
    lines = []
    for mode, at_least in (("by reference", 8), ("copied", 5)):
        lines.append(faster(f"{name}: volume, {mode}", whole[mode], whole["pydicom"], at_least))
    for mode, at_least in (("by reference", 1), ("copied", 50)):
        lines.append(faster(f"{name}: {size}, {mode}", part[mode], part["nii.gz"], at_least))
    return lines
