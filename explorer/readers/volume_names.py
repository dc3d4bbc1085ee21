"""What the name of a NIfTI or NRRD file says, since the formats have no place for it.

The rules, in words, are in docs/design.md; they never put two patients together by a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from explorer.draft import PatientHint, Source

SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".hdr", ".img")
_MASK = {
    *("seg", "segs", "segmentation", "segmentations", "mask", "masks", "label", "labels"),
    *("labelmap", "lbl", "roi", "rois", "gtv", "ctv", "ptv", "dseg", "aseg", "aparc"),
}
_MASK_FOLDERS = {*_MASK, "labelstr", "labelsts", "labelsva"}
_IMAGE = {"image", "images", "img", "volume", "vol", "scan"}
_MODALITY = {
    "CT": {"ct", "cta", "cect", "ncct", "cbct"},
    "PT": {"pet", "pt", "fdg", "suv", "psma"},
    "MR": {
        *("mr", "mri", "t1", "t1w", "t1c", "t1ce", "t1gd", "t1n", "t2", "t2w", "t2f", "flair"),
        *("adc", "dwi", "dti", "swi", "dce", "dsc", "pd", "pdw", "bold", "stir"),
    },
}
_SEQUENCE = set().union(*_MODALITY.values())
_KNOWN = _MASK | _IMAGE | _SEQUENCE
_FOLDERS = {
    *_KNOWN, *_MASK_FOLDERS, "imagestr", "imagests", "imagesva", "anat", "func", "nifti", "nii",
    "nrrd", "data", "raw", "derivatives", "train", "training", "val", "validation", "test",
}  # fmt: skip
_BIDS = re.compile(r"(sub-[0-9A-Za-z]+)(?=_|$)")
_WORD = re.compile(r"[0-9A-Za-z]+")


@dataclass(frozen=True)
class VolumeName:
    """A volume file's name, taken apart.

    Attributes
    ----------
    stem : str
        Without its suffix.
    subject : str
        What comes before the first word that is known; all of it where none is.
    known : bool
        Whether there is such a word.
    mask : bool
        Whether it is called a segmentation.
    modality : str
        DICOM's CT, PT or MR, else 'unknown'.
    """

    stem: str
    subject: str
    known: bool
    mask: bool
    modality: str


def has_volume_suffix(name: str) -> bool:
    """Tell whether a file is called a NIfTI or NRRD volume."""
    return name.lower().endswith(SUFFIXES)


def read_name(name: str) -> VolumeName:
    """Take a file's name (without its folder) apart."""
    suffix = next((one for one in SUFFIXES if name.lower().endswith(one)), "")
    stem = name[: len(name) - len(suffix)]
    words = [(found.start(), _plain(found.group())) for found in _WORD.finditer(stem)]
    start = next((at for at, word in words if word in _KNOWN), None)
    said = {one for one, names in _MODALITY.items() if any(word in names for _, word in words)}
    return VolumeName(
        stem,
        (stem if start is None else stem[:start]).rstrip("._- "),
        start is not None,
        any(word in _MASK for _, word in words),
        said.pop() if len(said) == 1 else "unknown",
    )


def _plain(word: str) -> str:
    """Lower case; a number after a known word ('label2', not 't2') is no part of it."""
    word = word.lower()
    bare = word.rstrip("0123456789")
    return bare if word not in _SEQUENCE and bare in _MASK | _IMAGE else word


def called_mask(source: Source) -> bool:
    """Tell whether a file is called a segmentation, by its name or its folder's."""
    parts = _parts(source)
    folder = parts[-2].lower() if len(parts) > 1 else ""
    return read_name(parts[-1]).mask or folder in _MASK_FOLDERS


def patient_hint(source: Source) -> PatientHint:
    """Tell whose a volume is, by its name and folder.

    1. ``sub-<label>`` of BIDS, in the name or a folder.
    2. What stands before the first known word: ``brain1`` of ``brain1_label.nrrd``.
    3. The folder, where the name begins with a known word (``CT_image``, ``t2``); folders that
       only sort (``imagesTr``, ``nifti``, ``anat``, ``CT``) are passed over.
    4. The whole name, where it has no known word: nothing says that it is its neighbours' kin.

    A mask whose own beginning no image has, beside images that have all one, takes theirs
    (``ct.nii.gz`` and ``segmentations/liver.nii.gz``).

    Returns
    -------
    PatientHint
        Its issuer is the folder that the identifier was found in: equal names in different
        folders need not be the same patient. Without an identifier where no folder has a name.
    """
    *folders, name = _parts(source)
    for depth, part in enumerate([*folders, read_name(name).stem]):
        if found := _BIDS.match(part):
            return _hint(found.group(1), folders[:depth], "the BIDS name")
    own = _subject(source)
    while folders and _sorts(folders[-1]):
        folders.pop()
    if own and (not folders or own.lower() != folders[-1].lower()):
        return _hint(own, folders, "the file's name")
    if folders:
        return _hint(folders[-1], folders[:-1], "the folder's name")
    return PatientHint(None, note="neither the file's name nor its folder's says whose it is")


def _hint(identifier: str, folders: list[str], where: str) -> PatientHint:
    return PatientHint(
        identifier=identifier[:128],
        issuer="folder " + ("/".join(folders) or "."),
        note=f"the patient is taken from {where}",
    )


def _sorts(folder: str) -> bool:
    return folder.lower() in _FOLDERS or folder.lower().startswith("ses-")


def _parts(source: Source) -> list[str]:
    """Folders and name below the source root, that root's own name first; an archive is one."""
    relative = source.relative.replace("\\", "/").replace("!", "/").strip("/")
    uri = source.uri.replace("\\", "/").replace("!", "/")
    root = PurePosixPath(uri[: len(uri) - len(relative)] if uri.endswith(relative) else "").name
    parts = [part for part in (root, *relative.split("/")) if part]
    return [re.sub(r"\.zip$", "", part, flags=re.IGNORECASE) for part in parts]


def _subject(source: Source) -> str:
    """Beginning of the name, or of the images that a mask lies with."""
    own = read_name(source.path.name)
    if not called_mask(source):
        return own.subject
    folder = source.path.parent
    if folder.name.lower() in _MASK_FOLDERS:
        folder = folder.parent
    images = _images(folder, folder.stat().st_mtime_ns)
    return next(iter(images)) if len(images) == 1 else own.subject


@lru_cache(maxsize=64)
def _images(folder: Path, mtime_ns: int) -> frozenset[str]:
    """Beginnings of the names of a folder's volumes that are not called masks.

    `mtime_ns` is the folder's: what was read of it is forgotten when it changes.
    """
    names = (read_name(one.name) for one in folder.iterdir() if has_volume_suffix(one.name))
    return frozenset(one.subject for one in names if not one.mask)
