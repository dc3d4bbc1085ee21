"""What de-identification of headers cannot take away: pixels that may show who it is."""

from __future__ import annotations

import re
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from explorer.readers.dicom_values import integer, text, texts

BURNED_IN = "pixels may hold burned-in text"
FACE = "the face can be reconstructed"
PERHAPS_FACE = "the face may be in it: the body part is not said"
FREE_TEXT = "free text not proven clean"

_CAPTURED = ("US", "XA", "RF", "SC", "OT", "ES", "XC", "GM", "OP", "OPT", "ECG", "IVUS", "BI", "MG")
_SECONDARY = "1.2.840.10008.5.1.4.1.1.7"
_VISIBLE_LIGHT = "1.2.840.10008.5.1.4.1.1.77."
_HEAD = re.compile(
    r"head|brain|skull|face|facial|neck|orbit|sinus|mandib|maxill|jaw|cranio|cereb|pituit|nasal|"
    r"\bent\b|h&n|whole ?body|wholebody|\beye|\bear\b|tongue|mouth|pharyn|glioma|gbm|mprage|flair",
    re.I,
)
_SLICES = ("CT", "MR", "PT")
_LONG_MM = 800.0  # from the thighs up: a scan of that length mostly has the head in it
_SMALL_MM = 300.0


def is_risk(problem: str) -> bool:
    """Whether a problem of an item is one that a person has to look at before it is shared."""
    return problem.startswith((BURNED_IN, FACE, PERHAPS_FACE, FREE_TEXT))


class Pictured(Protocol):
    """What is asked of an image, in a store or on its way there."""

    modality: str
    name: str
    meta: dict[str, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """``([t,] z, y, x)``."""
        ...

    @property
    def affine(self) -> NDArray[np.float64]:
        """Index ``(x, y, z, 1)`` to mm LPS."""
        ...


def burned_in(dataset: Dataset) -> str | None:
    """Tell whether text may be in the pixels (DICOM PS3.3 C.7.6.1, Burned In Annotation).

    Parameters
    ----------
    dataset : pydicom.Dataset
        Before its texts were removed.

    Returns
    -------
    str or None
        `BURNED_IN`, with the reason. A file that says NO is believed.
    """
    said = (text(dataset, "BurnedInAnnotation", 16) or "").upper()
    if said == "YES":
        return f"{BURNED_IN}: BurnedInAnnotation is YES"
    kinds = {one.upper() for one in texts(dataset, "ImageType")}
    if kinds & {"LABEL", "OVERVIEW"}:
        return f"{BURNED_IN}: the label of a slide"
    if said == "NO" or "Rows" not in dataset:
        return None
    modality = (text(dataset, "Modality", 16) or "").upper()
    sop_class = text(dataset, "SOPClassUID") or ""
    if modality in _CAPTURED and modality != "MG":
        return f"{BURNED_IN}: {modality} pictures often do, and it does not say"
    if sop_class.startswith(_SECONDARY) and not sop_class.startswith(_VISIBLE_LIGHT):
        return f"{BURNED_IN}: a secondary capture that does not say"
    if "SCREEN SAVE" in kinds or (
        "SECONDARY" in kinds and (integer(dataset, "SamplesPerPixel") or 1) > 1
    ):
        return f"{BURNED_IN}: a colour picture made of another"
    return None


def head(dataset: Dataset) -> bool:
    """Whether a header says in any of its texts that the head is in the picture."""
    fields = ("BodyPartExamined", "SeriesDescription", "StudyDescription", "ProtocolName")
    said = " ".join(text(dataset, name) or "" for name in fields).replace("_", " ")
    return (text(dataset, "Modality", 16) or "").upper() in _SLICES and bool(_HEAD.search(said))


def face(draft: Pictured) -> str | None:
    """Tell whether a volume may show the face, by what it says and how far it reaches.

    Returns
    -------
    str or None
        `FACE`; `PERHAPS_FACE` where the body part is unknown and the field of view is a head's.
    """
    if draft.modality not in (*_SLICES, "unknown") or len(draft.shape) < 3:
        return None
    about: dict[str, Any] = draft.meta
    part = str(about.get("body_part") or "")
    said = " ".join((part, draft.name, str(about.get("study_description") or "")))
    if _HEAD.search(said.replace("_", " ")):
        return FACE
    step = np.linalg.norm(draft.affine[:3, :3], axis=0)  # mm along x, y, z
    extent = step * np.array(draft.shape[:-4:-1], float)
    if part:
        return None
    if extent[2] >= _LONG_MM:
        return f"{FACE}: it is {extent[2]:.0f} mm long"
    if draft.modality == "PT":
        return None
    return PERHAPS_FACE if max(extent[:2]) <= _SMALL_MM else None
