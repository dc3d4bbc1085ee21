"""What the name of a NIfTI, NRRD or MetaImage file says, since the formats have no place for it.

`patient_hint` has the rules; they never put two patients together by a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from explorer.archive import without_suffix
from explorer.draft import PatientHint, Source

SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".hdr", ".img", ".mha", ".mhd")
_MASK = {
    *("seg", "segs", "segmentation", "segmentations", "mask", "masks", "label", "labels"),
    *("labelmap", "lbl", "roi", "rois", "gtv", "ctv", "ptv", "dseg", "aseg", "aparc"),
}
_MASK_FOLDERS = {*_MASK, "labelstr", "labelsts", "labelsva"}
_IMAGE = {"image", "images", "img", "volume", "vol", "scan"}
_MODALITY = {
    "CT": {"ct", "cta", "cect", "ncct", "cbct"},
    "PT": {"pet", "fdg", "suv", "psma"},
    "MR": {
        *("mr", "mri", "t1", "t1w", "t1c", "t1ce", "t1gd", "t1n", "t2", "t2w", "t2f", "flair"),
        *("adc", "dwi", "dti", "swi", "dce", "dsc", "pd", "pdw", "bold", "stir"),
    },
}
_SEQUENCE = set().union(*_MODALITY.values())
_KNOWN = _MASK | _IMAGE | _SEQUENCE
# What may follow a known word and tells no patient from another.
_NEUTRAL = {
    *("pre", "post", "contrast", "gd", "gad", "axial", "ax", "coronal", "cor", "sagittal", "sag"),
    *("arterial", "venous", "portal", "delayed", "brain", "head", "neck", "chest", "thorax"),
    *("abdomen", "pelvis", "liver", "lung", "prostate", "breast", "left", "right", "tumor"),
    *("tumour", "lesion", "nodule", "mass", "organ", "organs", "small", "sm", "cropped", "crop"),
    *("resampled", "registered", "reg", "n4", "corrected", "norm", "normalized", "stripped"),
    *("dicom", "nifti", "final", "manual", "auto", "binary", "whole", "body", "and", "of", "to"),
    *("iso", "1mm", "2mm", "3mm", "5mm"),
}  # fmt: skip
_FOLDERS = {
    *_KNOWN, *_MASK_FOLDERS, "pt", "imagestr", "imagests", "imagesva", "anat", "func", "nifti",
    "nii", "nrrd", "data", "raw", "derivatives", "train", "training", "val", "validation", "test",
}  # fmt: skip
_INSIDE = {"derivatives", "rawdata", "raw_data", "sourcedata"}
_BIDS = re.compile(r"(sub-[0-9A-Za-z]+)(?=_|$)")
_WORD = re.compile(r"[0-9A-Za-z]+")
_LONG_NUMBER = 3  # digits: 'label0001' is of a patient, 'GTV1' is one of a patient's


@dataclass(frozen=True)
class VolumeName:
    """A volume file's name, taken apart.

    Attributes
    ----------
    stem : str
        Without its suffix.
    subject : str
        What is left of the name without the words that are known: all that may be a patient's.
    prefixed : bool
        Whether the subject is what the name begins with.
    mask : bool
        Whether it is called a segmentation.
    modality : str
        DICOM's CT, PT or MR, else 'unknown'.
    """

    stem: str
    subject: str
    prefixed: bool
    mask: bool
    modality: str


def has_volume_suffix(name: str) -> bool:
    """Tell whether a file is called a NIfTI, NRRD or MetaImage volume."""
    return name.lower().endswith(SUFFIXES)


def read_name(name: str) -> VolumeName:
    """Take a file's name (without its folder) apart."""
    suffix = next((one for one in SUFFIXES if name.lower().endswith(one)), "")
    stem = name[: len(name) - len(suffix)]
    found = [(one.start(), one.group()) for one in _WORD.finditer(stem)]
    words = [_plain(word, last=at == found[-1][0]) for at, word in found]
    first = next((i for i, (word, _) in enumerate(words) if word in _KNOWN), None)
    prefix = (stem if first is None else stem[: found[first][0]]).rstrip("._- ")
    rest = []
    for word, number in words[first:] if first is not None else []:
        if word not in _KNOWN and word not in _NEUTRAL:
            rest.append(word)
        if number:
            rest.append(number)
    said = {m for m, names in _MODALITY.items() if any(word in names for word, _ in words)}
    return VolumeName(
        stem,
        "_".join(part for part in (prefix, *rest) if part),
        bool(prefix),
        any(word in _MASK for word, _ in words),
        said.pop() if len(said) == 1 else "unknown",
    )


def _plain(word: str, last: bool) -> tuple[str, str]:
    """A word in lower case, and the number that is written onto it where it tells patients."""
    word = word.lower()
    if word == "pt" and last:
        return "pet", ""  # at the beginning it is short for patient
    bare = word.rstrip("0123456789")
    if word in _SEQUENCE or bare not in _MASK | _IMAGE:
        return word, ""
    number = word[len(bare) :]
    counts = bare in _IMAGE or len(number) >= _LONG_NUMBER
    return bare, number if counts else ""


def called_mask(source: Source) -> bool:
    """Tell whether a file is called a segmentation, by its name or its folder's."""
    parts = source_parts(source)
    folder = parts[-2].lower() if len(parts) > 1 else ""
    return read_name(parts[-1]).mask or folder in _MASK_FOLDERS


def patient_hint(source: Source) -> PatientHint:
    """Tell whose a volume is, by its name and folder.

    1. ``sub-<label>`` of BIDS, in the name or a folder.
    2. What is left of the name without the words that are known: ``brain1`` of
       ``brain1_label.nrrd``. Where nothing stands before them the folder is put there:
       ``LiTS_7`` of ``LiTS/volume-7.nii``.
    3. The folder, where nothing is left (``CT_image``, ``t2``); folders that only sort
       (``imagesTr``, ``nifti``, ``anat``, ``CT``) are passed over.

    A mask takes the subject of the images beside it where those have all one and either of the
    two has no name of its own: ``ct.nii.gz`` and ``segmentations/liver.nii.gz``.

    Files of one patient may so come apart, to be told with ``--patient``; files of two are not
    put together.

    Returns
    -------
    PatientHint
        Its issuer is the folder that the identifier was found in: equal names in different
        folders need not be the same patient. Without an identifier where no folder has a name.
    """
    *folders, name = source_parts(source)
    for depth, part in enumerate([*folders, read_name(name).stem]):
        if found := _BIDS.match(part):
            return _hint(found.group(1), _dataset(source, folders[:depth]), "the BIDS name")
    subject, prefixed = _subject(source)
    while folders and only_sorts(folders[-1]):
        folders.pop()
    if subject and prefixed and (not folders or subject.lower() != folders[-1].lower()):
        return _hint(subject, folders, "the file's name")
    if folders and subject and not prefixed:
        return _hint(f"{folders[-1]}_{subject}", folders[:-1], "the folder's and the file's name")
    if folders:
        return _hint(folders[-1], folders[:-1], "the folder's name")
    if subject:
        return _hint(subject, folders, "the file's name")
    return PatientHint(None, note="neither the file's name nor its folder's says whose it is")


def _hint(identifier: str, folders: list[str], where: str) -> PatientHint:
    return PatientHint(
        identifier=identifier[:128],
        issuer="folder " + ("/".join(folders) or "."),
        note=f"the patient is taken from {where}",
    )


def _dataset(source: Source, above: list[str]) -> list[str]:
    """The folders above a subject's, without those that a described BIDS data set has inside."""
    cut = next((i for i, one in enumerate(above) if one.lower() in _INSIDE and i > 0), None)
    if cut is None:
        return above
    parents = list(source.path.parents)
    root = len(source_parts(source)) - 1 - cut
    described = root < len(parents) and (parents[root] / "dataset_description.json").is_file()
    return above[:cut] if described else above


def only_sorts(folder: str) -> bool:
    """Tell whether a folder's name only sorts files, and names no patient: ``imagesTr``, ``CT``."""
    return folder.lower() in _FOLDERS or folder.lower().startswith("ses-")


def source_parts(source: Source) -> list[str]:
    """Folders and name below the source root, that root's own name first; an archive is one."""
    relative = source.relative.replace("\\", "/").replace("!", "/").strip("/")
    uri = source.uri.replace("\\", "/").replace("!", "/")
    root = PurePosixPath(uri[: len(uri) - len(relative)] if uri.endswith(relative) else "").name
    parts = [part for part in (root, *relative.split("/")) if part]
    return [*map(without_suffix, parts[:-1]), *parts[-1:]]


def _subject(source: Source) -> tuple[str, bool]:
    """Subject of a file, and whether its name begins with it; of a mask, that of its images."""
    own = read_name(source.path.name)
    found = own.subject, own.prefixed
    if not called_mask(source):
        return found
    folder = source.path.parent
    if folder.name.lower() in _MASK_FOLDERS:
        folder = folder.parent
    images = _images(folder, folder.stat().st_mtime_ns)
    if len(images) == 1:
        (image,) = images
        if not image[0] or not own.subject:
            return image
    return found


@lru_cache(maxsize=64)
def _images(folder: Path, mtime_ns: int) -> frozenset[tuple[str, bool]]:
    """Subjects of a folder's volumes that are not called masks.

    `mtime_ns` is the folder's: what was read of it is forgotten when it changes.
    """
    names = (read_name(one.name) for one in folder.iterdir() if has_volume_suffix(one.name))
    return frozenset((one.subject, one.prefixed) for one in names if not one.mask)
