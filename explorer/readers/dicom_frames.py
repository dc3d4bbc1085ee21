"""Planes of a DICOM image: one of a classic file, many of an enhanced multi-frame one."""

from __future__ import annotations

import math

from pydicom.dataset import Dataset

from explorer.readers.dicom_instance import Plane, RealWorld
from explorer.readers.dicom_time import dicom_datetime, dicom_time
from explorer.readers.dicom_values import integer, items, number, numbers, text, texts

_PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"
_QUANTITY = ("246205007", "G-C1C6")  # SNOMED CT, and RT: 'Quantity'
_NO_UNIT = {"1", "[no units]", "no units", "ratio"}
# What can tell frames at one position apart, and where enhanced files keep it (PS3.3 C.7.6.16,
# C.8.13): functional group sequence, keyword there.
_ORDER = (
    ("AcquisitionNumber", "FrameContentSequence", "FrameAcquisitionNumber"),
    ("TemporalPositionIdentifier", "FrameContentSequence", "TemporalPositionIndex"),
    ("DiffusionBValue", "MRDiffusionSequence", "DiffusionBValue"),
    ("EchoTime", "MREchoSequence", "EffectiveEchoTime"),
    ("TriggerTime", "CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"),
)
ORDER = (*(name for name, _, _ in _ORDER), "AcquisitionTime", "InstanceNumber")
GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
TAGS = (
    *GROUPS,
    *ORDER,
    "AcquisitionDate",
    "AcquisitionDateTime",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "RescaleSlope",
    "RescaleIntercept",
    "RescaleType",
    "RealWorldValueMappingSequence",
    "ImageType",
)


class _Groups:
    """Functional groups of one frame: its own, else the shared ones, else the top level."""

    def __init__(self, dataset: Dataset, shared: Dataset, own: Dataset) -> None:
        self.dataset, self.shared, self.own = dataset, shared, own

    def get(self, sequence: str) -> Dataset:
        for level in (self.own, self.shared):
            if found := items(level, sequence):
                return found[0]
        return self.dataset

    def all(self, sequence: str) -> list[Dataset]:
        for level in (self.own, self.shared, self.dataset):
            if found := items(level, sequence):
                return found
        return []


def read_planes(dataset: Dataset, frames: int) -> list[Plane]:
    """Describe every frame of a header that was parsed with `TAGS`.

    Parameters
    ----------
    dataset : pydicom.Dataset
    frames : int
        Frames that the pixels have room for.

    Returns
    -------
    list of Plane
        In the file's order.
    """
    shared = items(dataset, GROUPS[0])
    own = items(dataset, GROUPS[1])
    empty = Dataset()
    return [
        _plane(
            index,
            _Groups(dataset, shared[0] if shared else empty, own[index] if own else empty),
        )
        for index in range(min(frames, len(own)) if own else frames)
    ]


def _plane(index: int, groups: _Groups) -> Plane:
    dataset = groups.dataset
    measures = groups.get("PixelMeasuresSequence")
    position = numbers(groups.get("PlanePositionSequence"), "ImagePositionPatient")
    rescale = groups.get("PixelValueTransformationSequence")
    step = number(measures, "SpacingBetweenSlices") or number(measures, "SliceThickness")
    return Plane(
        index=index,
        position=(position[0], position[1], position[2]) if len(position) == 3 else None,
        orientation=_orientation(
            numbers(groups.get("PlaneOrientationSequence"), "ImageOrientationPatient")
        ),
        spacing=pixel_spacing(measures, "PixelSpacing"),
        thickness=abs(step) if step else None,
        slope=number(rescale, "RescaleSlope"),
        intercept=number(rescale, "RescaleIntercept"),
        rescale_type=text(rescale, "RescaleType", 16),
        real_world=_real_world(groups),
        image_type=tuple(_frame_type(groups) or texts(dataset, "ImageType"))[:8],
        order=_order(groups),
        quantity=_quantity(groups) if _is_map(dataset) else None,
    )


def pixel_spacing(dataset: Dataset, tag: str) -> tuple[float, float] | None:
    """Read ``(y, x)`` mm from a spacing tag; None where it is missing or cannot be."""
    found = numbers(dataset, tag)
    if len(found) == 1:
        found = found * 2
    if len(found) != 2 or not all(1e-4 < one < 1e4 for one in found):
        return None
    return found[0], found[1]


def _orientation(found: list[float]) -> tuple[float, ...] | None:
    """Check direction cosines: unit and orthogonal, or None."""
    if len(found) != 6:
        return None
    x, y = found[:3], found[3:]
    sizes = math.hypot(*x), math.hypot(*y)
    if any(abs(size - 1) > 0.01 for size in sizes):
        return None
    x, y = [one / sizes[0] for one in x], [one / sizes[1] for one in y]
    if abs(sum(a * b for a, b in zip(x, y, strict=True))) > 0.01:
        return None
    return (*x, *y)


def _real_world(groups: _Groups) -> RealWorld | None:
    found = groups.all("RealWorldValueMappingSequence")
    if len(found) != 1:
        return None
    slope = number(found[0], "RealWorldValueSlope")
    unit = items(found[0], "MeasurementUnitsCodeSequence")
    code = text(unit[0], "CodeValue", 16) if unit else None
    if not slope or code is None:
        return None
    if code.lower() in _NO_UNIT:
        if not _is_map(groups.dataset):
            return None
        code = "1"
    return RealWorld(slope, number(found[0], "RealWorldValueIntercept") or 0.0, code)


def _is_map(dataset: Dataset) -> bool:
    """Whether it is a parametric map: what its numbers mean, the mapping alone says (A.75)."""
    return text(dataset, "SOPClassUID") == _PARAMETRIC_MAP


def _quantity(groups: _Groups) -> str | None:
    """What a map's values are: the quantity that its first mapping defines, else its label."""
    for mapping in groups.all("RealWorldValueMappingSequence")[:1]:
        for defined in items(mapping, "QuantityDefinitionSequence"):
            names = items(defined, "ConceptNameCodeSequence")
            codes = items(defined, "ConceptCodeSequence")
            if names and codes and text(names[0], "CodeValue", 16) in _QUANTITY:
                return text(codes[0], "CodeMeaning", 64)
        return text(mapping, "LUTExplanation", 64) or text(mapping, "LUTLabel", 16)
    return None


def _frame_type(groups: _Groups) -> list[str]:
    for name in ("CTImageFrameTypeSequence", "MRImageFrameTypeSequence", "PETFrameTypeSequence"):
        if found := groups.all(name):
            return texts(found[0], "FrameType")
    return []


def _order(groups: _Groups) -> dict[str, float]:
    found: dict[str, float] = {}
    for keyword, sequence, inner in _ORDER:
        group = groups.get(sequence)
        value = number(group, inner) if group is not groups.dataset else None
        value = number(groups.dataset, keyword) if value is None else value
        if value is not None:
            found[keyword] = value
    content = groups.get("FrameContentSequence")
    time = dicom_datetime(text(content, "FrameAcquisitionDateTime")) or dicom_datetime(
        text(groups.dataset, "AcquisitionDateTime")
    )
    time = time or dicom_time(
        text(groups.dataset, "AcquisitionDate") or "19000101",
        text(groups.dataset, "AcquisitionTime"),
    )
    if time is not None:
        found["AcquisitionTime"] = (time - time.min).total_seconds()
    instance = integer(groups.dataset, "InstanceNumber")
    if instance is not None and groups.own == Dataset():
        found["InstanceNumber"] = float(instance)
    return found
