"""RT Structure Sets (DICOM PS3.3 A.19): contours become masks on the image that they lie on."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from explorer.draft import (
    FileStatus,
    Grid,
    Header,
    Reading,
    SegmentationDraft,
    SegmentDraft,
    Source,
)
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers import contours
from explorer.readers.contour_planes import (
    Slices,
    contours_fit,
    plan_contours,
    rasterise_contours,
)
from explorer.readers.contours import RoiContours, read_contours, referenced_images
from explorer.readers.dicom_claim import claim_dicom
from explorer.readers.dicom_identity import TAGS as IDENTITY_TAGS
from explorer.readers.dicom_identity import dicom_identity
from explorer.readers.dicom_parse import parse_dicom
from explorer.readers.dicom_values import iso_date, quiet, text
from explorer.readers.find_image import find_image
from explorer.readers.one_file import read_each

_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
_TAGS = (*IDENTITY_TAGS, *contours.TAGS)


class StructureMasks:
    """Fills one structure at a time.

    Parameters
    ----------
    rois : list of RoiContours
    slices : Slices
    """

    def __init__(self, rois: list[RoiContours], slices: Slices) -> None:
        self._rois, self._slices = rois, slices

    def __call__(self, index: int) -> NDArray[Any]:
        """Fill a structure: bool, ``(z, y, x)``."""
        return rasterise_contours(self._rois[index].contours, self._slices)[0]


class RtstructReader:
    """Reads RTSTRUCT: even-odd rule, pixel centres, contours placed by geometry."""

    name = "rtstruct"

    def peek(self, source: Source) -> Header | None:
        """Claim structure sets by their SOP class."""
        dataset = claim_dicom(source.path, (_STRUCTURE_SET,), "RTSTRUCT", IDENTITY_TAGS)
        if dataset is None:
            return None
        with quiet():
            return dicom_identity(dataset).header(source, self.name)

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn each file into a segmentation; one whose image is unknown is refused."""
        return read_each(headers, lambda header: _read(header, grids))


def _read(header: Header, grids: list[Grid]) -> tuple[SegmentationDraft, FileStatus]:
    with quiet():
        parsed = parse_dicom(header.source.path, _TAGS)
        if parsed is None:
            raise FileRefusedError("The file is no longer DICOM")
        draft = _draft(header, parsed.dataset, grids)
    reason = "; ".join(draft.problems) or None
    return draft, FileStatus(header.source.uri, "ingested", reason, draft.item)


def _draft(header: Header, dataset: Dataset, grids: list[Grid]) -> SegmentationDraft:
    rois = read_contours(dataset)
    if not rois:
        raise FileRefusedError("The structure set holds no structure")
    series, instances, frames = referenced_images(dataset)
    frame = next(iter(frames)) if len(frames) == 1 else text(dataset, "FrameOfReferenceUID", 128)
    every = [points for roi in rois for points in roi.contours]
    image, reason = find_image(
        grids, series, instances, frame, lambda g: contours_fit(every, Slices.of(g))
    )
    if image is None:
        raise FileRefusedError(
            f"The image that the contours lie on is unknown: {reason}",
            expected="the image series that the structure set names",
            do="ingest it together with the structure set",
        )
    problems = _other_frame(rois, image)
    slices = Slices.of(image)
    for roi in rois:
        left_out = roi.left_out + plan_contours(roi.contours, slices)[1]
        problems += _problems(roi, left_out, slices)
    uid = text(dataset, "SOPInstanceUID", 128)
    meta = {
        "study_uid": text(dataset, "StudyInstanceUID", 128),
        "series_uid": text(dataset, "SeriesInstanceUID", 128),
        "sop_uids": [uid] if uid else None,
        "label": text(dataset, "StructureSetLabel"),
        "structure_set_date": iso_date(dataset, "StructureSetDate"),
        "interpreted_types": {roi.name: roi.interpreted_type for roi in rois},
        "referenced_series": sorted(series)[:16] or None,
    }
    return SegmentationDraft(
        item=item_id("rtstruct", header.detail["identity"]),
        modality="RTSTRUCT",
        name=text(dataset, "StructureSetName")
        or text(dataset, "StructureSetLabel")
        or text(dataset, "SeriesDescription")
        or "RTSTRUCT",
        segments=[
            SegmentDraft(roi.number, roi.name, algorithm_type=roi.algorithm, color=roi.color)
            for roi in rois
        ],
        shape=image.shape,
        affine=image.affine,
        slice_origins=image.slice_origins,
        frame_of_reference=image.frame_of_reference or frame,
        load=StructureMasks(rois, slices),
        sources=[header.source],
        image=image.item,
        image_reason=reason,
        acquired=iso_date(dataset, "StudyDate", "SeriesDate", "StructureSetDate"),
        problems=problems,
        meta={key: value for key, value in meta.items() if value is not None},
        synthetic=(text(dataset, "SyntheticData") or "").upper() == "YES",
    )


def _other_frame(rois: list[RoiContours], image: Grid) -> list[str]:
    """Empty the structures whose coordinates are another frame's: they mean nothing here."""
    frame = image.frame_of_reference
    said = {roi.frame_of_reference for roi in rois} - {None}
    if frame is None or frame not in said:
        if frame and said:
            return ["no structure names the image's frame of reference; placed as the series says"]
        return []
    for roi in rois:
        if roi.frame_of_reference not in (None, frame):
            roi.left_out["in another frame of reference than the image"] += len(roi.contours)
            roi.contours = []
    return []


def _problems(roi: RoiContours, left_out: Counter[str], slices: Slices) -> list[str]:
    name = repr(roi.name)
    found = [
        f"{name}: {count} of {len(roi.contours) + roi.left_out.total()} contours left out, {why}"
        for why, count in left_out.items()
    ]
    planes = sorted(plan_contours(roi.contours, slices)[0])
    if not planes:
        found.append(f"{name} is empty: no contour of it lies on the image")
    gaps = set(np.diff(planes).tolist())
    if len(planes) > 2 and len(gaps) == 1 and (gap := gaps.pop()) > 1:
        found.append(f"{name} has contours {gap} slices apart; the slices between are empty")
    return found
