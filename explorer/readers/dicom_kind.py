"""Which DICOM files are images that we take, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID

from explorer.errors import FileRefusedError, FileSkippedError
from explorer.readers.dicom_values import text

_STORAGE = "1.2.840.10008.5.1.4.1.1."
# DICOM PS3.4 B.5: storage classes of images, by the modality that their IOD fixes.
_MODALITY = {
    **dict.fromkeys(("2", "2.1", "2.2"), "CT"),
    **dict.fromkeys(("4", "4.1", "4.4"), "MR"),
    **dict.fromkeys(("128", "128.1", "130"), "PT"),
    "1": "CR",
    **dict.fromkeys(("1.1", "1.1.1"), "DX"),
    **dict.fromkeys(("1.2", "1.2.1", "13.1.3", "13.1.4", "13.1.5"), "MG"),
    **dict.fromkeys(("1.3", "1.3.1"), "IO"),
    "30": "PM",
}
_ENHANCED_PET = _STORAGE + "130"
_SECONDARY = {_STORAGE + part for part in ("7", "7.2", "7.3")}
_SEGMENTATIONS = {_STORAGE + part for part in ("66.4", "66.7", "481.3")}
_DICOMDIR = "1.2.840.10008.1.3.10"
SLICES = ("CT", "MR", "PT")
PROJECTIONS = ("CR", "DX", "MG", "IO", "PX", "RG")


@dataclass(frozen=True)
class Kind:
    """What an image file is.

    Attributes
    ----------
    modality : str
    projection : bool
        A picture (CR, DX, MG, ...), no slice.
    secondary : bool
        A secondary capture: of a screen or of another program, not the scanner's own values.
    enhanced_pet : bool
    note : str or None
        Where the file contradicts itself.
    """

    modality: str
    projection: bool
    secondary: bool = False
    enhanced_pet: bool = False
    note: str | None = None


def image_kind(dataset: Dataset) -> Kind | None:
    """Tell what kind of image a header is of.

    Returns
    -------
    Kind or None
        None for segmentations and structure sets: other readers take them.

    Raises
    ------
    FileSkippedError
        It is DICOM of a kind that is not read yet.
    """
    meta = getattr(dataset, "file_meta", Dataset())
    sop_class = text(dataset, "SOPClassUID") or text(meta, "MediaStorageSOPClassUID") or ""
    said = (text(dataset, "Modality") or "").upper()
    if sop_class == _DICOMDIR or "DirectoryRecordSequence" in dataset:
        raise FileRefusedError(
            "A DICOMDIR is an index of other files; it holds no image itself",
            do="ingest the folder that it lies in: the files are found without it",
        )
    if sop_class in _SEGMENTATIONS or (not sop_class and said in ("SEG", "RTSTRUCT")):
        return None
    fixed = _MODALITY.get(sop_class.removeprefix(_STORAGE)) if sop_class else None
    if fixed is not None:
        if said in PROJECTIONS and fixed in PROJECTIONS:
            fixed = said
        note = None
        if said and said != fixed and fixed != "PM":  # a map says what it was made of, or OT
            note = f"Modality says '{said[:16]}', the SOP class is of {fixed}: read as {fixed}"
        return Kind(fixed, fixed in PROJECTIONS, enhanced_pet=sop_class == _ENHANCED_PET, note=note)
    known = UID(sop_class).name if sop_class else ""
    secondary = sop_class in _SECONDARY
    if sop_class and known != sop_class and not secondary:
        raise FileSkippedError(f"{known} is not read yet")
    if said not in SLICES + PROJECTIONS:
        what = known if secondary else "DICOM without a known SOP class"
        raise FileSkippedError(
            f"{what} of modality '{said[:16] or 'none'}' is not read yet",
            expected="one of " + ", ".join(SLICES + PROJECTIONS),
        )
    return Kind(said, said in PROJECTIONS, secondary=secondary)
