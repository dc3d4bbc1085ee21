"""Lesions of a patient: what the outlines are of, measured once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.errors import ConflictError
from explorer.image import Image
from explorer.run_draft import RunDraft
from explorer.segmentation import Segmentation
from explorer.shown_list import ShownList
from graphs.errors import MeasureError
from graphs.lesion import Lesion
from graphs.lesion_rows import lesion_rows, lesions_of_rows
from graphs.measure import measure
from graphs.measures import Measures
from graphs.organs import organ_of
from graphs.placed_mask import placed_mask
from graphs.producer import Producer
from graphs.segment_role import SegmentRole, segment_role
from graphs.side import side_of
from graphs.target_text import target_text

if TYPE_CHECKING:
    from explorer.patient import Patient

PRODUCER = Producer("oncograph.measure", "1")

_KIND = "measure"
_SEEN_ITEM = ("item", "affine", "shape", "units", "image", "acquired", "frame_of_reference")
_SEEN_SEGMENT = ("item", "position", "name", "code_scheme", "code_value", "category", "voxels")


def lesions(
    patient: Patient,
    *,
    keep: bool = True,
    unknown: bool = False,
    named: Mapping[str, str] | None = None,
) -> list[Lesion]:
    """Measure the outlined lesions of a patient, or read what was measured before.

    Organs are left out. A segment that neither its code nor its name tells (`segment_role`) is
    measured too and has the role 'unknown'; it is given only where it is asked for.

    Parameters
    ----------
    patient : Patient
    keep : bool
        Write the measurements to the patient's observations (run of kind 'measure'), so that the
        next call reads them; they are measured again when outlines or images have changed.
    unknown : bool
        Also segments of which it is not known what they are.
    named : mapping, optional
        What you know of segments whose names say nothing: label to name, such as
        ``{"label 4": "enhancing tumor"}``. A file of label numbers does not say it.

    Returns
    -------
    list of Lesion
        In the order of the segmentations (by time) and their segments.

    Examples
    --------
    >>> for lesion in lesions(store["STS_002"]):
    ...     print(lesion.name, lesion.measures.longest_mm)
    """
    if not patient.segmentations:
        return _shown([])
    said = dict(named or {})
    print_ = _fingerprint(patient, said)
    found = _kept(patient, print_)
    if found is None:
        tracked = _tracking(patient)
        found = []
        for segmentation in patient.segmentations.values():
            for label in segmentation.labels:
                role = segment_role(segmentation, label, said.get(label))
                if role.role in ("lesion", "unknown"):
                    one = _lesion(patient, segmentation, label, role, tracked)
                    found += [replace(one, name=said.get(label, label))] if one else []
        if keep:
            _keep(patient, found, print_, said)
    return _shown([one for one in found if unknown or one.role == "lesion"])


def _shown(found: list[Lesion]) -> ShownList[Lesion]:
    head = ["outline", "of", "date", "organ", "side", "mm", "ml", "mean", "maximum", "units"]
    return ShownList(found, head, _cells, "outlines")


def _cells(one: Lesion) -> list[Any]:
    m = one.measures
    said = "not known" if one.role == "unknown" else one.noun
    size = f"{m.longest_mm:.1f} x {m.perpendicular_mm:.1f}"
    where = [one.organ, one.laterality]
    return [
        one.name, said, one.acquired, *where, size, m.volume_mm3 / 1000, m.mean, m.maximum, m.units
    ]  # fmt: skip


def still_holds(patient: Patient) -> bool:
    """Whether the newest version of a patient has the same outlines and images as this one."""
    newest = patient.store.records.head(patient.key)
    if newest is None:
        return False
    return _fingerprint(type(patient)(patient.store, newest), {}) == _fingerprint(patient, {})


def _lesion(
    patient: Patient,
    segmentation: Segmentation,
    label: str,
    role: SegmentRole,
    tracked: dict[str, str],
) -> Lesion | None:
    placed = placed_mask(segmentation, label)
    if placed is None:
        return None
    image = patient.images.get(segmentation.image or "")
    organ = organ_of(placed, patient)
    side, side_by = side_of(placed, organ, patient)
    code = segmentation.codes[label]
    target = target_text("segmentations", segmentation.id, label=label)
    return Lesion(
        target=target,
        segmentation=segmentation.id,
        label=label,
        image=segmentation.image,
        name=label,
        code=f"{code.scheme}:{code.value}" if code else None,
        acquired=(image.acquired if image else None) or segmentation.acquired,
        day=image.day if image and image.day is not None else segmentation.day,
        measures=_measures(segmentation, label, image if isinstance(image, Image) else None),
        tracking_uid=tracked.get(target),
        laterality=side,
        laterality_by=side_by,
        organ=organ.name,
        organ_by=organ.by,
        organ_target=organ.target,
        role=role.role,
        role_by=role.reason,
        noun=role.noun or "lesion",
        synthetic=segmentation.synthetic or bool(image and image.synthetic),
    )


def _measures(segmentation: Segmentation, label: str, image: Image | None) -> Measures:
    """Shape on the outline's own grid, intensities on the image's."""
    own = segmentation.own_mask(label)
    if image is None or segmentation.on_grid_of(image):
        return measure(own, image)
    shape = measure(own)
    try:
        seen = measure(segmentation.mask(label), image)
    except MeasureError:  # so small that no voxel of the image is in it
        return replace(shape, problems=(*shape.problems, "no voxel of the image lies in it"))
    names = ("units", "mean", "std", "minimum", "maximum", "median", "peak", "tlg")
    told = (*shape.problems, "intensities by the nearest voxel: outline and image differ in grid")
    return replace(shape, **{name: getattr(seen, name) for name in names}, problems=told)


def _tracking(patient: Patient) -> dict[str, str]:
    """Target of a segment to the tracking UID that a measurement report gives it."""
    runs = {row["run"] for row in patient.rows("runs")}
    return {
        row["target"]: row["group_uid"]
        for row in patient.rows("observations")
        if row["target"] and row["group_uid"] and row.get("origin") not in runs
    }


def _fingerprint(patient: Patient, named: dict[str, str]) -> str:
    """Changes whenever an outline or an image does."""
    seen: list[Any] = [patient.head.snapshot, sorted(named.items())]
    for table, names in (("items", _SEEN_ITEM), ("segments", _SEEN_SEGMENT)):
        seen += sorted(json.dumps([row[name] for name in names]) for row in patient.rows(table))
    seen.append(sorted(_tracking(patient).items()))
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _kept(patient: Patient, print_: str) -> list[Lesion] | None:
    newest = patient.store.records.head(patient.key)
    versions = [patient]
    if newest is not None and newest.version != patient.version:
        versions.append(type(patient)(patient.store, newest))
    for one in versions:
        for run in one.rows("runs"):
            asked = (run["kind"], run["producer"], run["version"])
            if asked != (_KIND, PRODUCER.name, PRODUCER.version):
                continue
            if json.loads(run["detail"] or "{}").get("of") == print_:
                rows = [row for row in one.rows("observations") if row["origin"] == run["run"]]
                return lesions_of_rows(rows)
    return None


def _keep(patient: Patient, found: list[Lesion], print_: str, named: dict[str, str]) -> None:
    if patient.store.read_only or not still_holds(patient):
        return  # measurements of an older version are not the patient's of today
    rows = [row for one in found for row in lesion_rows(one)]
    draft = RunDraft(
        _KIND, PRODUCER.name, PRODUCER.version, observations=rows,
        settings={"named": named} if named else {},
        detail={"of": print_, "outlines": len(found)},
    )  # fmt: skip
    try:
        with patient.store.transaction("outlines measured") as t:
            t.put_run(patient.key, draft)
    except ConflictError:
        return  # another writer was faster; the next call measures again
