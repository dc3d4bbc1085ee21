"""sr_group: the measurements of one lesion as a group of a structured report (PS3.16 TID 1500)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from explorer.image import Image
from explorer.item import Item
from explorer.segmentation import Segmentation
from graphs.errors import FormatError
from graphs.formats.sr_codes import BODY, coded, made_uid, sr_text, sr_unit, triple
from graphs.formats.sr_evidence import SEG, SrEvidence, outlines

Row = dict[str, Any]
_SIDES = {
    "left": "SCT:7771000",
    "right": "SCT:24028007",
    "bilateral": "SCT:51440002",
    "right and left": "SCT:51440002",
    "unilateral": "SCT:66459002",
}
_FINDING = "DCM:121071"


def sr_group(rows: list[Row], number: int, evidence: SrEvidence) -> Any:
    """Make a measurement group of one lesion: what it is, where, how large, and where it is seen.

    Parameters
    ----------
    rows : list of dict
        Of the table ``observations``, of the same group, finding, site and target.
    number : int
        Of the group in its report, from 1.
    evidence : SrEvidence
        Of the patient; what the group points at is added to it.

    Returns
    -------
    highdicom.sr.MeasurementsAndQualitativeEvaluations, or one with regions

    Raises
    ------
    FormatError
        What is pointed at does not come from DICOM, or is not known.
    """
    import highdicom as hd

    first = rows[0]
    detail: Row = json.loads(first.get("detail") or "{}")
    name = sr_text(first.get("group") or f"group {number}", 1024)
    common: Row = {
        "tracking_identifier": hd.sr.TrackingIdentifier(
            _tracking_uid(first, number, evidence.patient.key), name
        ),
        "finding_type": coded(first.get("finding_code"), first["finding"])
        if first.get("finding")
        else None,
        "finding_category": triple(detail.get("finding_category")),
        "session": detail.get("session"),
        "time_point_context": _time_point(detail),
        "finding_sites": _sites(first, detail),
        "measurements": [_measurement(row) for row in rows if row.get("number") is not None],
        "qualitative_evaluations": [
            _evaluation(row)
            for row in rows
            if row.get("number") is None and row.get("code") != _FINDING
        ],
    }
    common = {name: value for name, value in common.items() if value not in (None, [])}
    return _placed(common, first, detail, evidence)


def _placed(common: Row, row: Row, detail: Row, evidence: SrEvidence) -> Any:
    """The group with what it points at."""
    import highdicom as hd

    if not row.get("target"):
        return hd.sr.MeasurementsAndQualitativeEvaluations(**common)
    item, address = evidence.resolve(row["target"])
    if isinstance(item, Segmentation):
        label = str(address.fragment.get("label") or "")
        if item.modality == "SEG" and item.sources() and label:
            segment = _segment(item, label, detail, evidence)
            return hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
                referenced_segment=segment, **common
            )
        regions = _mask_regions(item, label, evidence)
    elif isinstance(item, Image) and "box" in address.fragment:
        regions = _box_regions(item, address.fragment["box"], evidence)
    else:
        refers = evidence.slices(item, range(item.shape[0] if len(item.shape) == 3 else 1))  # type: ignore[arg-type]
        images = [
            hd.sr.SourceImageForMeasurementGroup(sop_class, sop, frames or None)
            for sop_class, sop, frames in refers
        ]
        return hd.sr.MeasurementsAndQualitativeEvaluations(source_images=images, **common)
    if len(regions) == 1:
        return hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            referenced_region=regions[0], **common
        )
    return hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        referenced_regions=regions, **common
    )


def _segment(item: Segmentation, label: str, detail: Row, evidence: SrEvidence) -> Any:
    import highdicom as hd

    rows = evidence.files(item)
    number = next((one["number"] for one in item.segments if one["name"] == label), None)
    if number is None:
        raise FormatError(f"No segment {label!r}", where=item.where)
    sop_class, sop = evidence.instance(item, rows[0], SEG)
    image = evidence.patient.images.get(item.image or "")
    series = image.series_uid if image else None
    series = series or next(iter(item.meta.get("referenced_series") or ()), None)
    named = [one.get("series") for one in detail.get("refers", ()) if one.get("kind") == "series"]
    series = series or next((one for one in named if one), None)
    if series is None:
        raise FormatError("The series that was segmented is not known", where=item.where)
    return hd.sr.ReferencedSegment(
        sop_class, sop, int(number), source_series=hd.sr.SourceSeriesForSegmentation(series)
    )


def _mask_regions(item: Segmentation, label: str, evidence: SrEvidence) -> list[Any]:
    image = evidence.patient.images.get(item.image or "")
    if image is None:
        raise FormatError(
            f"The image under {item.collection}/{item.id} is not known: {item.image_reason}",
            where=item.where,
        )
    evidence.files(image)
    mask = np.asarray(item.mask(label))
    planes = [int(z) for z in np.flatnonzero(mask.any(axis=(1, 2)))]
    if not planes:
        raise FormatError(f"The segment {label!r} has no voxel in its image", where=item.where)
    return [
        _region("POLYLINE", points, refers)
        for z, refers in zip(planes, evidence.slices(image, planes), strict=True)
        for points in outlines(mask[z])
    ]


def _box_regions(image: Item, box: Any, evidence: SrEvidence) -> list[Any]:
    (z0, z1), (y0, y1), (x0, x1) = box if len(box) == 3 else ((0, 1), *box)
    if not isinstance(image, Image):
        raise FormatError("A box lies in an image", where=image.where)
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], float)
    return [
        _region("POLYLINE", corners, refers) for refers in evidence.slices(image, range(z0, z1))
    ]


def _region(graphic: str, points: Any, refers: tuple[str, str, list[int]]) -> Any:
    import highdicom as hd

    sop_class, sop, frames = refers
    return hd.sr.ImageRegion(
        graphic, points, hd.sr.SourceImageForRegion(sop_class, sop, frames or None)
    )


def _tracking_uid(row: Row, number: int, key: str) -> str:
    """The row's own where it is a UID; else one that the same thing gets again."""
    from pydicom.uid import UID

    uid = row.get("group_uid") or ""
    if uid and UID(uid).is_valid:
        return str(uid)
    named = [key, uid, row.get("target") or str(number), row.get("group") or ""]
    return made_uid("\x1f".join(named))


def _sites(row: Row, detail: Row) -> list[Any] | None:
    import highdicom as hd

    side = (row.get("laterality") or "").strip()
    if not row.get("site") and not side:
        return None
    code, name = row.get("site_code"), row.get("site")
    if not name:
        code, name = BODY
    elif not code:
        code = _known_code(name)
    return [
        hd.sr.FindingSite(
            coded(code, name),
            laterality=coded(_SIDES.get(side.casefold()), side) if side else None,
            topographical_modifier=triple(detail.get("site_modifier")),
        )
    ]


def _known_code(name: str) -> str | None:
    """The ontology's code of a structure by its name there."""
    from graphs.anatomy import anatomy

    found = anatomy().get(name)
    return found.code if found else None


def _time_point(detail: Row) -> Any:
    import highdicom as hd

    said = detail.get("time_point")
    return hd.sr.TimePointContext(str(said)) if said else None


def _measurement(row: Row) -> Any:
    import highdicom as hd

    detail: Row = json.loads(row.get("detail") or "{}")
    derivation, method = triple(detail.get("derivation")), triple(detail.get("method"))
    if derivation is None and method is None and row.get("method"):
        method = coded(None, row["method"])
    return hd.sr.Measurement(
        coded(row.get("code"), row["name"]), float(row["number"]),
        sr_unit(row.get("unit"), detail.get("unit_code")), derivation=derivation, method=method,
    )  # fmt: skip


def _evaluation(row: Row) -> Any:
    import highdicom as hd

    detail: Row = json.loads(row.get("detail") or "{}")
    value = triple(detail.get("value_code")) or coded(None, str(row.get("value") or "unknown"))
    return hd.sr.QualitativeEvaluation(coded(row.get("code"), row["name"]), value)
