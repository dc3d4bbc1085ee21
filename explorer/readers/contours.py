"""Contours of an RTSTRUCT as points (DICOM PS3.3 C.8.8.5, C.8.8.6, C.8.8.8)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from pydicom.dataset import Dataset

from explorer.readers.dicom_values import integer, items, numbers, text
from explorer.readers.seg_segments import unique_names
from explorer.space import FloatArray

TAGS = (
    "ReferencedFrameOfReferenceSequence",
    "StructureSetROISequence",
    "ROIContourSequence",
    "RTROIObservationsSequence",
    "StructureSetLabel",
    "StructureSetName",
    "StructureSetDate",
)
_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
_FAR = 1e6  # mm: no coordinate of a patient is


@dataclass
class RoiContours:
    """A region of interest: what it is called, and its closed contours.

    Attributes
    ----------
    number : int
    name : str
        Unique within the structure set; hostile text.
    contours : list of ndarray, (n, 3), float64
        mm LPS.
    left_out : Counter
        Why contours were left out: reason to count.
    color : tuple of int or None
        ``(r, g, b)``.
    interpreted_type : str or None
        'GTV', 'ORGAN', ...
    algorithm : str or None
        'MANUAL', 'AUTOMATIC', 'SEMIAUTOMATIC'.
    frame_of_reference : str or None
    """

    number: int
    name: str
    contours: list[FloatArray] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    color: tuple[int, int, int] | None = None
    interpreted_type: str | None = None
    algorithm: str | None = None
    frame_of_reference: str | None = None


def read_contours(dataset: Dataset) -> list[RoiContours]:
    """Read every region of interest, those without contours included, in the file's order."""
    rois: dict[int, RoiContours] = {}
    for item in items(dataset, "StructureSetROISequence"):
        number = integer(item, "ROINumber")
        if number is None or number in rois:
            continue
        rois[number] = RoiContours(
            number,
            text(item, "ROIName") or f"ROI {number}",
            algorithm=text(item, "ROIGenerationAlgorithm", 16),
            frame_of_reference=text(item, "ReferencedFrameOfReferenceUID", 128),
        )
    for item in items(dataset, "ROIContourSequence"):
        number = integer(item, "ReferencedROINumber")
        if number is None:
            continue
        roi = rois.setdefault(number, RoiContours(number, f"ROI {number}"))
        color = numbers(item, "ROIDisplayColor")
        if len(color) == 3 and all(0 <= one <= 255 for one in color):
            roi.color = (int(color[0]), int(color[1]), int(color[2]))
        for contour in items(item, "ContourSequence"):
            _add(roi, contour)
    for item in items(dataset, "RTROIObservationsSequence"):
        number = integer(item, "ReferencedROINumber")
        if number in rois:
            rois[number].interpreted_type = text(item, "RTROIInterpretedType", 16)
    found = list(rois.values())
    for roi, name in zip(found, unique_names(one.name for one in found), strict=True):
        roi.name = name
    return found


def _add(roi: RoiContours, contour: Dataset) -> None:
    kind = (text(contour, "ContourGeometricType", 32) or "").upper()
    if kind not in _CLOSED:
        roi.left_out[f"of type {kind or 'unknown'}, which encloses nothing"] += 1
        return
    points = _points(contour)
    if points is None:
        roi.left_out["with broken coordinates"] += 1
    elif len(points) < 3:
        roi.left_out["of fewer than three points"] += 1
    else:
        roi.contours.append(points)


def _points(contour: Dataset) -> FloatArray | None:
    """Contour Data ``(n, 3)``: split by hand, since a pydicom number for each takes 50 times it."""
    element = contour.get_item("ContourData")
    raw = None if element is None else element.value
    try:
        if isinstance(raw, bytes):
            flat = np.array([float(one) for one in raw.rstrip(b"\0 ").split(b"\\")])
        elif raw is not None:
            flat = np.array([float(one) for one in raw])
        else:
            return None
    except (TypeError, ValueError):
        return None
    if len(flat) % 3 or not np.isfinite(flat).all() or abs(flat).max(initial=0) > _FAR:
        return None
    return flat.reshape(-1, 3)


def referenced_images(dataset: Dataset) -> tuple[set[str], set[str], set[str]]:
    """Series, instances and frames of reference that a structure set names.

    The instances are those of the series' own list (Contour Image Sequence).
    """
    series: set[str] = set()
    instances: set[str] = set()
    frames: set[str] = set()
    for frame in items(dataset, "ReferencedFrameOfReferenceSequence"):
        frames.add(text(frame, "FrameOfReferenceUID", 128) or "")
        for study in items(frame, "RTReferencedStudySequence"):
            for one in items(study, "RTReferencedSeriesSequence"):
                series.add(text(one, "SeriesInstanceUID", 128) or "")
                for image in items(one, "ContourImageSequence"):
                    instances.add(text(image, "ReferencedSOPInstanceUID", 128) or "")
    return series - {""}, instances - {""}, frames - {""}
