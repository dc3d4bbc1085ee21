"""From voxels to words: the findings that speak of a place, the most particular first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.derived import derived
from explorer.errors import AddressError, NotFoundError
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.shown_list import ShownList
from explorer.space import index_to_lps, lps_to_index
from graphs.anatomy import anatomy
from graphs.finding import Finding
from graphs.groundings import groundings
from graphs.placed_mask import segment_parts
from graphs.segment_role import segment_role

if TYPE_CHECKING:
    from explorer.patient import Patient
    from graphs.grounding.grounding import Grounding

# How particular a kind of place is; the lower, the earlier it is shown.
_RANK = {"lesion": 0, "slice": 1, "organ": 2, "examined": 3, "anatomy": 4}
_HEAD = ("sentence", "entity", "how", "status", "target")


@dataclass(frozen=True)
class SpokenOf:
    """A finding that speaks of a place.

    Attributes
    ----------
    finding : Finding
    sentence : str
        Hostile.
    address : Address
        Of the sentence in the report.
    how : {'lesion', 'slice', 'organ', 'examined', 'anatomy'}
        'anatomy': the finding is grounded nowhere here, but the structure that it names is here.
    grounding : Grounding or None
    target : str
        The region that holds the place.
    volume_mm3 : float
        Of the region.
    """

    finding: Finding
    sentence: str
    address: Address
    how: str
    grounding: Grounding | None
    target: str
    volume_mm3: float


def speaks_of(patient: Patient, place: Address | str) -> ShownList[SpokenOf]:
    """Find the sentences that speak of a voxel, a point, a box or a segment.

    Parameters
    ----------
    patient : Patient
    place : Address or str
        In an image or a segmentation: ``onco:.../images/ct-1#voxel=12,80,70``; of a box any
        voxel counts.

    Returns
    -------
    ShownList of SpokenOf
        Lesions before slices, organs, examined regions and structures that are only named; of
        each the smallest region first. Rejected places and abstentions are left out.

    Raises
    ------
    AddressError
        It names no place in voxels.
    NotFoundError
        The patient has no such item.
    """
    where = Address.parse(place) if isinstance(place, str) else place
    points, frame = _points(patient, where)
    findings = {row["finding"]: Finding.of_row(row) for row in derived(patient, "findings")}
    inside = _Inside(patient, points, frame)
    found: list[SpokenOf] = []
    for one in groundings(patient):
        finding = findings.get(one.finding)
        if finding is None or one.status not in ("proposed", "accepted") or one.target is None:
            continue
        for target in [one.target, *one.detail.get("targets", [])]:
            volume = inside.volume(target)
            if volume is not None:
                how = "slice" if one.geometry == "slice" else str(one.region)
                found.append(_spoken(patient, finding, how, one, target, volume))
                break
    spoken = {one.finding.id for one in found}
    here = inside.structures()
    for finding in findings.values():
        named = _named_here(finding, here) if finding.id not in spoken else None
        if named is not None:
            found.append(_spoken(patient, finding, "anatomy", None, *named))
    found.sort(key=lambda one: (_RANK.get(one.how, 9), one.volume_mm3, one.finding.id))
    return ShownList(found, _HEAD, _cells, "findings that speak of this place")


def _points(patient: Patient, where: Address) -> tuple[NDArray[np.float64], str | None]:
    """Points in mm LPS that stand for a place, and their frame of reference."""
    fragment: dict[str, Any] = where.fragment
    if where.kind not in ("images", "segmentations"):
        raise AddressError(f"{where} is no place", expected="a place in an image or segmentation")
    item: Any = (patient.images if where.kind == "images" else patient.segmentations)[where.item]
    if "point" in fragment:
        return np.asarray([fragment["point"]], float), item.frame_of_reference
    if "voxel" in fragment:
        index = np.asarray([fragment["voxel"][-3:]])
    elif "box" in fragment:
        spans = fragment["box"] if len(fragment["box"]) == 3 else ((0, 1), *fragment["box"])
        steps = [max(1, (b - a) // 16) for a, b in spans]
        axes = [np.unique([*range(a, b, s), b - 1]) for (a, b), s in zip(spans, steps, strict=True)]
        index = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    elif "label" in fragment and isinstance(item, Segmentation):
        index = np.argwhere(np.asarray(item.own_mask(fragment["label"])))
        index = index[:: max(1, len(index) // 4096)]
    else:
        raise AddressError(f"{where} is no place", expected="a voxel, a point, a box or a label")
    if index.shape[-1] == 2:  # a picture has no slices
        index = np.column_stack([np.zeros(len(index), int), index])
    return index_to_lps(item.affine, index, item.slice_origins), item.frame_of_reference


class _Inside:
    """Tells whether points lie in targets; masks are looked up at the points alone."""

    def __init__(self, patient: Patient, points: NDArray[np.float64], frame: str | None) -> None:
        self.patient, self.points, self.frame = patient, points, frame

    def volume(self, target: str) -> float | None:
        """Volume in mm3 of a target that holds one of the points, else None."""
        address = Address.parse(f"onco:{self.patient.key}/{target}")
        fragment: dict[str, Any] = address.fragment
        if address.kind == "segmentations" and "label" in fragment:
            return self._in_mask(address.item, fragment["label"])
        if address.kind != "images":
            return None
        image = self.patient.images.get(address.item)
        box = fragment.get("box")
        if not isinstance(image, Image) or box is None or not self._comparable(image):
            return None
        spans = box if len(box) == 3 else ((0, 1), *box)
        at = np.rint(lps_to_index(image.affine, self.points, image.slice_origins))
        low, high = np.asarray(spans).T
        if not ((at >= low) & (at < high)).all(axis=1).any():
            return None
        return float(np.prod(high - low) * abs(np.linalg.det(image.affine[:3, :3])))

    def _comparable(self, item: Any) -> bool:
        return (
            not self.frame or not item.frame_of_reference or self.frame == item.frame_of_reference
        )

    def _in_mask(self, item: str, label: str) -> float | None:
        segmentation = self.patient.segmentations.get(item)
        if segmentation is None or label not in segmentation.labels:
            return None
        if not self._comparable(segmentation):
            return None
        at = lps_to_index(segmentation.affine, self.points, segmentation.slice_origins)
        index = np.rint(at).astype(int)
        index = index[((index >= 0) & (index < segmentation.shape[-3:])).all(axis=1)]
        if not len(index):
            return None
        low, high = index.min(axis=0), index.max(axis=0) + 1
        box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        # not by own_mask: an xarray of a click's few voxels costs more than reading them
        ((_, part),) = segment_parts(segmentation, [label], box)
        if not part[tuple((index - low).T)].any():
            return None
        row = next(one for one in segmentation.segments if one["name"] == label)
        return float(row["volume_mm3"] or 0.0)

    def structures(self) -> dict[str, tuple[str, float]]:
        """Organs whose mask holds one of the points: name in the ontology to target and volume."""
        found: dict[str, tuple[str, float]] = {}
        known = anatomy()
        for segmentation in self.patient.segmentations.values():
            for label in segmentation.labels:
                structure = known.find(label)
                if structure is None or segment_role(segmentation, label).role != "organ":
                    continue
                volume = self._in_mask(segmentation.id, label)
                if volume is not None:
                    where = Address("k", "segmentations", segmentation.id, None, {"label": label})
                    found[structure.name] = (str(where).split("/", 1)[1], volume)
        return found


def _named_here(finding: Finding, here: dict[str, tuple[str, float]]) -> tuple[str, float] | None:
    """The structure at the place that a finding names, or names the whole of."""
    known = anatomy()
    for name, region in here.items():
        above = {name, *known.parents(name)}
        if above & set(finding.anatomy):
            return region
    return None


def _spoken(
    patient: Patient,
    finding: Finding,
    how: str,
    grounding: Grounding | None,
    target: str,
    volume: float,
) -> SpokenOf:
    report = patient.reports.get(finding.item)
    if report is None:
        raise NotFoundError(f"No report {finding.item!r}", where=f"patient {patient.label}")
    start, end = finding.sentence_start, finding.sentence_end
    if end <= start:
        start, end = finding.start, finding.end
    address = report.address.at(chars=(start, end))
    return SpokenOf(finding, report.text[start:end], address, how, grounding, target, volume)


def _cells(one: SpokenOf) -> list[Any]:
    status = one.grounding.status if one.grounding else None
    return [one.sentence, one.finding.entity, one.how, status, one.target]
