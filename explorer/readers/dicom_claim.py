"""Whether a DICOM file is of one of some SOP classes, told from its first few elements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from pydicom.dataset import Dataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag, Tag

from explorer.errors import FileRefusedError
from explorer.readers.bounded_file import BoundedFile, WholeFileReadError
from explorer.readers.dicom_parse import looks_like_dicom, parse_dicom
from explorer.readers.dicom_values import quiet, text
from explorer.readers.one_file import describe

_MODALITY, _RELATIONSHIP = 0x00080060, 0x0020FFFF
_FIRST = ("SOPClassUID", "Modality")


def claim_dicom(
    path: Path, sop_classes: Collection[str], modality: str, tags: Sequence[str]
) -> Dataset | None:
    """Parse the first groups of a header where it is of one of `sop_classes`.

    Files of other kinds cost a few elements only, and the thousands of frames or contours of
    those that are claimed are left for later.

    Parameters
    ----------
    path : pathlib.Path
    sop_classes : collection of str
        UIDs.
    modality : str
        Taken for the class where the file says none.
    tags : sequence of str
        Keywords to keep, of groups up to 0020.

    Returns
    -------
    pydicom.Dataset or None
        None where the file is of another kind, or so broken that its kind cannot be told.

    Raises
    ------
    FileRefusedError
        It is of that kind, and its header is broken.
    """
    kind = sop_class_of(path)
    if kind is None or not (kind[0] in sop_classes or (not kind[0] and kind[1] == modality)):
        return None
    try:
        with path.open("rb") as raw, quiet():
            found = _parse_until(raw, path.stat().st_size, _RELATIONSHIP, tags)
            if found is not None:
                return found
        parsed = parse_dicom(path, [*_FIRST, *tags])  # deflated
        return parsed.dataset if parsed else Dataset()
    except Exception as error:
        raise FileRefusedError(f"The DICOM header is broken: {describe(error)}") from error


def sop_class_of(path: Path) -> tuple[str, str] | None:
    """Tell the SOP class and the modality of a file, as it says them.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    tuple of str, or None
        Empty where they are not said; None where the file is no DICOM, or too broken to tell.
    """
    try:
        about = path.stat()
        return _first(path, about.st_ino, about.st_size, about.st_mtime_ns)
    except Exception:  # noqa: BLE001 - hostile bytes make pydicom raise nearly anything
        return None


@lru_cache(maxsize=8)  # each reader asks for it
def _first(path: Path, inode: int, size: int, mtime_ns: int) -> tuple[str, str] | None:
    with path.open("rb") as raw:
        if not looks_like_dicom(raw.read(140)):
            return None
        with quiet():
            head = _parse_until(raw, size, _MODALITY, _FIRST)
            if head is None:  # deflated
                parsed = parse_dicom(path, _FIRST)
                head = parsed.dataset if parsed else Dataset()
            meta = getattr(head, "file_meta", Dataset())
            sop_class = text(head, "SOPClassUID") or text(meta, "MediaStorageSOPClassUID")
            return sop_class or "", (text(head, "Modality") or "").upper()


def _parse_until(raw: BinaryIO, size: int, last: int, tags: Sequence[str]) -> Dataset | None:
    """Parse from the start up to a tag; None where the dataset is deflated."""
    raw.seek(0)
    wanted: list[BaseTag | int] = [Tag(tag) for tag in tags]
    try:
        return read_partial(
            cast(BinaryIO, BoundedFile(raw, size)),
            stop_when=lambda tag, vr, length: int(tag) > last,
            force=True,
            specific_tags=wanted,
        )
    except WholeFileReadError:
        return None
