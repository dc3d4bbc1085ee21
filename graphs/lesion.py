"""Lesion: one outlined lesion of a patient at one time, measured."""

from __future__ import annotations

from dataclasses import dataclass

from graphs.measures import Measures


@dataclass(frozen=True)
class Lesion:
    """A segment that is a lesion, not an organ.

    Attributes
    ----------
    target : str
        Address without key and version: ``segmentations/seg-1#label=lesion``.
    segmentation, label : str
    image : str or None
        Item id of the image that it lies on.
    name : str
        As the segmentation names it; hostile.
    code : str or None
        ``SCHEME:value``.
    acquired : str or None
        ISO date of the image.
    day : int or None
        From the patient's time zero.
    measures : Measures
    tracking_uid : str or None
        The same lesion at another time has the same one (DICOM tracking identifier).
    laterality : {'left', 'right'} or None
        Side of the patient, where it could be told; how, says `laterality_by`.
    laterality_by : str
        'code', 'organ mask', 'midline of the body', or why it is unknown.
    organ : str or None
        Structure of the ontology that holds most of it, where there is an organ map.
    organ_by : str
        How that is known ('97 % of it lies in it'), or why it is not.
    organ_target : str or None
        Address without key and version of the organ's outline.
    role : {'lesion', 'unknown'}
        'unknown': neither code nor name says what the segment is.
    role_by : str
        What says that it is a lesion.
    noun : str
        What a report calls it: 'nodule', 'mass', 'metastasis', 'lesion', ...
    synthetic : bool
    """

    target: str
    segmentation: str
    label: str
    image: str | None
    name: str
    code: str | None
    acquired: str | None
    day: int | None
    measures: Measures
    tracking_uid: str | None = None
    laterality: str | None = None
    laterality_by: str = ""
    organ: str | None = None
    organ_by: str = ""
    organ_target: str | None = None
    role: str = "lesion"
    role_by: str = ""
    noun: str = "lesion"
    synthetic: bool = False
