"""Ground a finding by what it measures: size, side, slice, SUVmax, HU, organ, count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import lps_to_index
from graphs.grounding.candidate import Candidate
from graphs.grounding.counted_from import counted_from
from graphs.grounding.cues import compare
from graphs.grounding.grounding import Evidence, Grounding, Method
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
        meant = slices(finding.refers, search.images)
        found = self._matched(Reported.of(finding, meant, text), finding.id, search)
        if not found.detail.get("tie") or not any(len(at) > 1 for at in meant.values()):
            return found
        ends = counted_from(search, candidates)
        if not set(ends) & set(meant):
            return found
        narrowed = slices(finding.refers, search.images, ends)
        again = self._matched(Reported.of(finding, narrowed, text), finding.id, search)
        said = Evidence("counted from", None, ends, None, True)
        return replace(again, evidence=(*again.evidence, said))

    def _matched(self, reported: Reported, finding: str, search: Search) -> Grounding:
        return match(finding, reported, candidates(reported, search), least_share=self.least_share)


def candidates(reported: Reported, search: Search) -> list[Candidate]:
    """The outlined lesions; where none of them fits an SUVmax, what a PET has around its peaks.

    Parameters
    ----------
    reported : Reported
    search : Search
    """
    outlined = [_candidate(one, search) for one in _outlined(search.lesions)]
    if reported.suvmax is None or match("", reported, outlined).status == "proposed":
        return outlined
    if any(evidence.passed for one in outlined for evidence in compare(reported, one)[0]
           if evidence.cue == "suvmax"):  # fmt: skip
        return outlined
    return pet_candidates(search, reported) or outlined


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
