"""What the numbers of a DICOM image mean: slope, intercept, units, and why not better."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.readers.dicom_slice import Slice
from explorer.readers.dicom_split import is_localizer
from explorer.readers.suv import suv

FloatArray = NDArray[np.float64]
# UCUM codes by the names that the items have elsewhere.
_UCUM = {"[hnsf'u]": "HU", "{suvbw}g/ml": "SUVbw", "bq/ml": "BQML"}


@dataclass(frozen=True)
class Units:
    """How stored values become values.

    Attributes
    ----------
    slope, intercept : ndarray, (n,), float64
        value = stored * slope + intercept, one a slice.
    name : str
    reason : str or None
    suv : dict or None
        How the SUV was had.
    factor : float
        By which the values differ from what the header's windows are in.
    """

    slope: FloatArray
    intercept: FloatArray
    name: str
    reason: str | None = None
    suv: dict[str, Any] | None = None
    factor: float = 1.0
    problems: list[str] = field(default_factory=list)


def image_units(slices: list[Slice]) -> Units:
    """Work out the units of an array's slices.

    Parameters
    ----------
    slices : list of Slice
        All of one array, C order.

    Returns
    -------
    Units
    """
    first = slices[0]
    if first.instance.lookup is not None:
        kind = first.instance.lookup.kind
        name = "HU" if kind == "HU" else "1"
        reason = None if name == "HU" else f"a Modality LUT of type {kind} gives the values"
        return Units(np.ones(len(slices)), np.zeros(len(slices)), name, reason)
    if first.plane.real_world is not None and first.instance.modality != "CT":
        return _real_world(slices)
    slope, intercept, problems = _rescale(slices)
    if first.instance.modality == "PM":
        reason = "its real world value mapping is missing, a table, or one of several"
        return Units(slope, intercept, "1", reason, problems=problems)
    if first.instance.meta.get("secondary_capture"):
        return Units(slope, intercept, "1", "a secondary capture", problems=problems)
    if first.instance.modality == "PT":
        return _pet(slices, slope, intercept, problems)
    if first.instance.modality == "CT":
        name, reason = _ct(slices)
        return Units(slope, intercept, name, reason, problems=problems)
    reason = None
    if "ADC" in (part.upper() for part in first.plane.image_type):
        reason = "an ADC map (ImageType) whose header does not say its unit"
    return Units(slope, intercept, "1", reason, problems=problems)


def _rescale(slices: list[Slice]) -> tuple[FloatArray, FloatArray, list[str]]:
    problems = []
    zero = sum(one.plane.slope == 0 for one in slices)
    if zero:
        problems.append(f"RescaleSlope is 0 in {zero} slice(s): taken as 1")
    slope = np.array([one.plane.slope or 1.0 for one in slices], np.float64)
    intercept = np.array([one.plane.intercept or 0.0 for one in slices], np.float64)
    return slope, intercept, problems


def _ct(slices: list[Slice]) -> tuple[str, str | None]:
    """Hounsfield units unless something speaks against it (DICOM PS3.3 C.8.2.1, C.11.1.1.2)."""
    if is_localizer(slices[0]):
        return "1", "a localizer (ImageType): a projection, its values are no HU of a voxel"
    kinds = {one.plane.rescale_type for one in slices}
    if len(kinds) > 1:
        return "1", f"RescaleType differs between slices: {', '.join(map(str, kinds))}"
    kind = kinds.pop()
    if kind is not None and kind.upper() != "HU":
        return "1", f"RescaleType (0028,1054) is '{kind}'. Expected: HU or absent."
    if any(one.plane.slope is None or one.plane.intercept is None for one in slices):
        return "1", "RescaleSlope or RescaleIntercept (0028,1053), (0028,1052) is missing"
    if any(one.plane.slope == 0 for one in slices):
        return "1", "RescaleSlope (0028,1053) is 0"
    return "HU", None


def _real_world(slices: list[Slice]) -> Units:
    maps = [one.plane.real_world for one in slices if one.plane.real_world is not None]
    code = maps[0].unit
    slope, intercept, _ = _rescale(slices)
    if len(maps) != len(slices):
        return Units(slope, intercept, "1", "some slices lack a RealWorldValueMapping")
    name = _UCUM.get(code.lower(), code)
    real = np.array([one.slope for one in maps])
    factor = float(real[0] / slope[0])
    return Units(real, np.array([one.intercept for one in maps]), name, factor=factor)


def _pet(
    slices: list[Slice], slope: FloatArray, intercept: FloatArray, problems: list[str]
) -> Units:
    tags = [one.instance.pet for one in slices if one.instance.pet is not None]
    if len(tags) != len(slices):
        return Units(
            slope, intercept, "1", "an enhanced PET image without a unit", problems=problems
        )
    found = suv(tags)
    if found.factor is None:
        return Units(slope, intercept, found.units, found.reason, found.provenance, 1.0, problems)
    return Units(
        slope * found.factor,
        intercept * found.factor,
        found.units,
        found.reason,
        found.provenance,
        float(found.factor[0]),
        problems,
    )
