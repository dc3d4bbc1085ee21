"""Ground a finding by what it measures: size, side, slice, SUVmax, HU, organ, count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import lps_to_index
from graphs.grounding.candidate import Candidate
from graphs.grounding.grounding import Grounding, Method
from graphs.grounding.match import LEAST_SHARE, match
from graphs.grounding.pet import pet_candidates
from graphs.grounding.reported import Reported
from graphs.grounding.slices import slices
from graphs.producer import Producer

if TYPE_CHECKING:
    from graphs.finding import Finding
    from graphs.grounding.search import Search
    from graphs.lesion import Lesion


class MeasurementGrounder:
    """Holds the cues of a finding against the outlined lesions; for PET also against its peaks.

    Parameters
    ----------
    least_share : float
        See `graphs.grounding.match`; the higher, the rarer and the surer an answer.
    """

    name: Method = "measurement"
    trust = 20

    def __init__(self, least_share: float = LEAST_SHARE) -> None:
        self.least_share = least_share
        self.producer = Producer(
            "oncograph.measurement", "1", settings={"least_share": least_share}
        )

    def ground(self, finding: Finding, search: Search) -> Grounding:
        """Choose the lesion that fits; see `graphs.grounding.match`."""
        if finding.assertion == "absent":
            return Grounding(finding.id, "abstained", reason="an absent finding has no lesion")
        text = search.report.text if search.report else ""
        reported = Reported.of(finding, slices(finding.refers, search.images), text)
        outlined = [_candidate(one, search) for one in _outlined(search.lesions)]
        found = match(finding.id, reported, outlined, least_share=self.least_share)
        if found.status == "proposed" or found.detail.get("tie") or reported.suvmax is None:
            return found
        peaks = pet_candidates(search, reported)
        if not peaks:
            return found
        return match(finding.id, reported, peaks, least_share=self.least_share)


def _outlined(lesions: list[Lesion]) -> list[Lesion]:
    """Lesions; where there is none, the outlines of which nobody says what they are."""
    sure = [one for one in lesions if one.role == "lesion"]
    return sure or lesions


def _candidate(lesion: Lesion, search: Search) -> Candidate:
    image = search.patient.images.get(lesion.image)
    segmentation = search.patient.segmentations.get(lesion.segmentation)
    if not isinstance(image, Image) or not isinstance(segmentation, Segmentation):
        return Candidate.of_lesion(lesion, None)
    mm = image.spacing_mm[-3] if len(image.spacing_mm) > 2 else None
    made = Candidate.of_lesion(lesion, mm, image.frame_of_reference)
    if mm is None or segmentation.on_grid_of(image):
        return made
    # its measures count the outline's own slices: where they lie in the image is computed
    middle = float(lps_to_index(image.affine, lesion.measures.centroid, image.slice_origins)[0])
    (first, last), own = lesion.measures.box[0], segmentation.spacing_mm[-3]
    half = (last - first) * own / mm / 2
    placed = (round(middle - half + 0.5), round(middle + half - 0.5))
    return Candidate(**{**vars(made), "slices": placed})
