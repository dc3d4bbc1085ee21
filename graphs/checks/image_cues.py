"""One cue of a finding against one outlined lesion: size, side, slice, SUVmax."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import lps_to_index
from graphs.checks.change import READER_VARIABILITY
from graphs.finding import Finding
from graphs.grounding.reported import Reported
from graphs.lesion import Lesion
from graphs.verdict import Answer

IMAGE_CUES = ("size", "side", "slice", "suvmax")


@dataclass(frozen=True)
class Tolerances:
    """How far a report and an outline may be apart and still agree.

    Attributes
    ----------
    readers : float
        Part of a diameter by which two readers differ; half of the report's last digit and one
        voxel in the plane are added.
    slices : int
        Slices beyond the lesion's own.
    suv : float
        Part of an SUVmax, beside half of the report's last digit: resampling and the outline.
    """

    readers: float = READER_VARIABILITY
    slices: int = 1
    suv: float = 0.02


@dataclass(frozen=True)
class Judged:
    """A cue and a lesion: the answer, both values as shown, and the rule."""

    answer: Answer
    said: str
    seen: str | None
    reason: str


def image_cue(
    cue: str,
    reported: Reported,
    lesion: Lesion,
    images: Mapping[str, Image],
    segmentations: Mapping[str, Segmentation],
    tolerances: Tolerances,
) -> Judged:
    """Judge one cue.

    Parameters
    ----------
    cue : {'size', 'side', 'slice', 'suvmax'}
        One that the finding has.
    reported : Reported
    lesion : Lesion
    images, segmentations : mapping
        Of the patient.
    tolerances : Tolerances

    Returns
    -------
    Judged
    """
    image = images.get(lesion.image or "")
    if cue == "size":
        return _size(reported, lesion, image, tolerances)
    if cue == "side":
        return _side(reported, lesion)
    if cue == "slice":
        return _slice(reported, lesion, image, segmentations, tolerances)
    return _suvmax(reported, lesion, tolerances)


def _size(
    reported: Reported, lesion: Lesion, image: Image | None, tolerances: Tolerances
) -> Judged:
    said = reported.axes_mm[:2]
    seen = (lesion.measures.longest_mm, lesion.measures.perpendicular_mm)[: len(said)]
    voxel = float(image.spacing_mm[-1]) if image and image.spacing_mm else 0.0
    limits = [reported.size_step_mm / 2 + tolerances.readers * mm + voxel for mm in seen]
    far = [abs(a - b) for a, b in zip(said, seen, strict=True)]
    answer: Answer = (
        "agrees" if all(a <= b for a, b in zip(far, limits, strict=True)) else "contradicts"
    )
    reason = (
        f"{far[0]:.1f} mm apart; allowed are {limits[0]:.1f} mm: half of the last digit "
        f"({reported.size_step_mm / 2:g} mm), {tolerances.readers:.0%} between readers, one voxel "
        f"({voxel:.2f} mm)"
    )
    return Judged(answer, _by(said), _by(seen), reason)


def _by(values: tuple[float, ...]) -> str:
    return " x ".join(f"{value:.1f}" for value in values) + " mm"


def _side(reported: Reported, lesion: Lesion) -> Judged:
    said = str(reported.side)
    if lesion.laterality is None:
        return Judged(
            "cannot tell", said, None, f"needs the outline's side: {lesion.laterality_by}"
        )
    answer: Answer = "agrees" if lesion.laterality == said else "contradicts"
    return Judged(answer, said, lesion.laterality, f"the outline's side by {lesion.laterality_by}")


def _slice(
    reported: Reported,
    lesion: Lesion,
    image: Image | None,
    segmentations: Mapping[str, Segmentation],
    tolerances: Tolerances,
) -> Judged:
    meant = reported.slices.get(lesion.image or "")
    segmentation = segmentations.get(lesion.segmentation)
    every = sorted({at for slices in reported.slices.values() for at in slices})
    said = "slice " + " or ".join(str(at) for at in (meant or every)) + " (from 0)"
    if meant is None or image is None or segmentation is None:
        return Judged("cannot tell", said, None, "needs an outline on the image that is named")
    (first, end), spacing = lesion.measures.box[0], image.spacing_mm[-3]
    last = end - 1
    if not segmentation.on_grid_of(image):
        middle = float(lps_to_index(image.affine, lesion.measures.centroid, image.slice_origins)[0])
        half = (end - first) * segmentation.spacing_mm[-3] / spacing / 2
        first, last = round(middle - half + 0.5), round(middle + half - 0.5)
    inside = [at for at in meant if first - tolerances.slices <= at <= last + tolerances.slices]
    answer: Answer = "agrees" if inside else "contradicts"
    reason = (
        f"within {tolerances.slices} slice of the outline; numbers may count from 0 or 1, from "
        "either end"
    )
    return Judged(answer, said, f"slices {first} to {last}", reason)


def _suvmax(reported: Reported, lesion: Lesion, tolerances: Tolerances) -> Judged:
    value = reported.suvmax or 0.0
    said, seen, units = f"SUVmax {value:g}", lesion.measures.maximum, lesion.measures.units
    if seen is None or not (units or "").upper().startswith("SUV"):
        return Judged("cannot tell", said, None, f"needs SUV; the image has {units or 'no units'}")
    step = reported.suv_step or 0.1
    limit = step / 2 + tolerances.suv * value
    answer: Answer = "agrees" if abs(seen - value) <= limit + 1e-9 else "contradicts"
    reason = f"allowed are {limit:.2f}: half of the last digit, and {tolerances.suv:.0%}"
    return Judged(answer, said, f"SUVmax {seen:.2f}", reason)


def cue_words(finding: Finding, cue: str) -> str:
    """Address of the words that state a cue, without key and version."""
    kind = {"size": "size", "suvmax": "suvmax", "count": "count"}.get(cue)
    place = (finding.start, finding.end)
    for one in finding.measurements:
        if one.kind == kind and not one.prior:
            place = (one.start, one.end)
            break
    span = finding.detail.get("laterality") if cue == "side" else None
    if span:
        place = (int(span[0]), int(span[1]))
    if cue == "slice" and finding.refers and finding.refers[0].end:
        place = (finding.refers[0].start, finding.refers[0].end)
    return f"reports/{finding.item}#chars={place[0]}:{place[1]}"
