"""Candidate: a region that a finding may speak of, with what can be compared of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphs.grounding.grounding import Geometry

if TYPE_CHECKING:
    from graphs.lesion import Lesion


@dataclass(frozen=True)
class Candidate:
    """A region on an image.

    Attributes
    ----------
    target : str
        Address without key and version.
    geometry : {'mask', 'box3d', ...}
    image : str or None
        Item id of the image that `slices` counts in.
    name : str
        As its segmentation calls it; hostile. Empty of a region that has no name.
    size_mm, perpendicular_mm : float or None
        Longest diameter in one slice, and the longest at a right angle to it.
    slices : tuple of int, or None
        First and last slice that it is seen in, from 0, last included.
    slice_mm : float or None
        Distance of neighbouring slices.
    side : {'left', 'right'} or None
    side_by : str
        How the side is known, or why it is not.
    organ : str or None
        Structure of the ontology that holds most of it.
    units : str or None
        Of `maximum` and `mean`.
    maximum, mean : float or None
    centroid : tuple of float, or None
        mm LPS.
    frame : str or None
        Within one frame, or one image, centroids can be compared.
    detail : dict
        JSON-able; goes into the grounding.
    """

    target: str
    geometry: Geometry = "mask"
    image: str | None = None
    name: str = ""
    size_mm: float | None = None
    perpendicular_mm: float | None = None
    slices: tuple[int, int] | None = None
    slice_mm: float | None = None
    side: str | None = None
    side_by: str = ""
    organ: str | None = None
    units: str | None = None
    maximum: float | None = None
    mean: float | None = None
    centroid: tuple[float, float, float] | None = None
    frame: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_lesion(
        cls, lesion: Lesion, slice_mm: float | None, frame: str | None = None
    ) -> Candidate:
        """What a measured lesion offers.

        Parameters
        ----------
        lesion : Lesion
        slice_mm : float or None
            Distance of the slices that its measures count in.
        frame : str or None
            Frame of reference of its image.
        """
        seen = lesion.measures
        return cls(
            target=lesion.target,
            image=lesion.image,
            name=lesion.name,
            size_mm=seen.longest_mm,
            perpendicular_mm=seen.perpendicular_mm,
            slices=(seen.box[0][0], seen.box[0][1] - 1),
            slice_mm=slice_mm,
            side=lesion.laterality,
            side_by=lesion.laterality_by,
            organ=lesion.organ,
            units=seen.units,
            maximum=seen.maximum,
            mean=seen.mean,
            centroid=seen.centroid,
            frame=frame,
        )

    def same_place(self, other: Candidate) -> bool:
        """Whether both are of one lesion: their middles lie within half of the smaller one.

        Two readers' outlines of a nodule, and a tumour's outlines on PET and on CT, are no two
        lesions to choose from.
        """
        together = self.image == other.image or (self.frame and self.frame == other.frame)
        if not together or self.centroid is None or other.centroid is None:
            return False
        sizes = [one for one in (self.size_mm, other.size_mm) if one]
        return bool(sizes) and math.dist(self.centroid, other.centroid) <= min(sizes) / 2
