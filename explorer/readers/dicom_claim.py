"""Whether a DICOM file is of one of some SOP classes, told from its first few elements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from pydicom.dataset import Dataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag, Tag

from explorer.readers.bounded_file import BoundedFile
from explorer.readers.dicom_parse import Parsed, looks_like_dicom, parse_dicom
from explorer.readers.dicom_values import quiet, text

_MODALITY = 0x00080060
_FIRST: list[BaseTag] = [Tag("SOPClassUID"), Tag("Modality")]


def claim_dicom(
    path: Path, sop_classes: Collection[str], modality: str, tags: Sequence[str | int]
) -> Parsed | None:
    """Parse a header where it is of one of `sop_classes`; others cost a few elements only.

    Parameters
    ----------
    path : pathlib.Path
    sop_classes : collection of str
        UIDs.
    modality : str
        Taken for the class where the file says none.
    tags : sequence of str or int
        As in `parse_dicom`.

    Returns
    -------
    Parsed or None
        None where the file is of another kind, or so broken that its kind cannot be told.

    Raises
    ------
    FileRefusedError
        It is of that kind, and its header is broken.
    """
    try:
        with path.open("rb") as raw:
            if not looks_like_dicom(raw.read(140)):
                return None
            raw.seek(0)
            head = _first_elements(BoundedFile(raw, path.stat().st_size))
    except Exception:  # noqa: BLE001 - hostile bytes make pydicom raise nearly anything
        return None
    with quiet():
        sop_class = text(head, "SOPClassUID") or text(
            getattr(head, "file_meta", Dataset()), "MediaStorageSOPClassUID"
        )
        said = (text(head, "Modality") or "").upper()
        if sop_class not in sop_classes and (sop_class or said != modality):
            return None
        return parse_dicom(path, tags)


def _first_elements(file: BoundedFile) -> Dataset:
    return read_partial(
        cast(BinaryIO, file),
        stop_when=lambda tag, vr, length: int(tag) > _MODALITY,
        force=True,
        specific_tags=cast(Any, _FIRST),
    )
