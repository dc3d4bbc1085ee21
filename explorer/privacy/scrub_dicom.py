"""A de-identified copy of a DICOM file; its pixels are byte for byte the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from explorer.errors import FileRefusedError
from explorer.privacy.identifiers import TAGS, Identifiers
from explorer.privacy.risks import FREE_TEXT, burned_in, head
from explorer.privacy.scrub_dataset import Scrub, mark
from explorer.privacy.secret import Secret
from explorer.readers.bounded_file import BoundedFile
from explorer.readers.dicom_header import identity_text
from explorer.readers.dicom_parse import DEFLATED, Parsed, parse_dicom
from explorer.readers.dicom_values import quiet
from explorer.readers.inflate import inflate

_MOST_READS = 6_000_000
_MOST_BYTES = 4 << 30


@dataclass
class Scrubbed:
    """A copy that was written.

    Attributes
    ----------
    path : pathlib.Path
    risks : list of str
        What is left to look at.
    head : bool
        Whether the header said that the head is in the picture.
    """

    path: Path
    risks: list[str] = field(default_factory=list)
    head: bool = False


def dicom_identifiers(path: Path) -> tuple[str, Identifiers] | None:
    """Who a DICOM file is of, and what that patient can be told by.

    Returns
    -------
    tuple of str and Identifiers, or None
        The identifier ('' where it has none); None where the file is not DICOM or is broken.
    """
    try:
        with quiet():
            parsed = parse_dicom(path, TAGS)
            if parsed is None:
                return None
            own = Identifiers.of_dataset(parsed.dataset)
            return identity_text(parsed.dataset, "PatientID") or "", own
    except FileRefusedError:
        return None


def scrub_dicom(
    source: Path, target: Path, secret: Secret, own: Identifiers, patient: str | None
) -> Scrubbed | None:
    """Write a de-identified copy.

    Parameters
    ----------
    source, target : pathlib.Path
    secret : Secret
    own : Identifiers
        What is known of the patient besides what this file says.
    patient : str or None
        Whose it is where the file does not say (``--patient``).

    Returns
    -------
    Scrubbed or None
        None where it is not DICOM.

    Raises
    ------
    FileRefusedError
        It cannot be de-identified; the message has nothing of the file's contents.
    """
    try:
        with quiet():
            parsed = parse_dicom(source, TAGS, _MOST_READS)
            if parsed is None:
                return None
            return _write(source, target, secret, own, patient, parsed)
    except RecursionError as error:
        raise FileRefusedError(
            "It cannot be de-identified: its sequences are nested deeper than any real ones"
        ) from error
    except Exception as error:  # noqa: BLE001 - what pydicom says of a file may have the file's contents in it
        raise FileRefusedError(
            f"It cannot be de-identified: the DICOM file is broken ({type(error).__name__})"
        ) from None


def _write(
    source: Path, target: Path, secret: Secret, own: Identifiers, patient: str | None,
    parsed: Parsed,
) -> Scrubbed:  # fmt: skip
    dataset = _whole(source, parsed)
    said = identity_text(dataset, "PatientID")
    known = Identifiers.of_dataset(dataset).merge([own])
    if said or patient:
        shift = secret.shift(secret.pseudonym(said or patient or ""))
    else:  # one study is one patient's, as in `assign`
        study = identity_text(dataset, "StudyInstanceUID")
        shift = secret.shift(f"study {study or identity_text(dataset, 'SeriesInstanceUID')}")
    risk, of_head = burned_in(dataset), head(dataset)
    scrub = Scrub(secret, known, shift)
    scrub(dataset)
    mark(dataset, scrub.codes)
    dataset.file_meta = _meta(dataset, parsed)
    dataset.preamble = b"\0" * 128
    dcmwrite(target, dataset, enforce_file_format=False)
    target.chmod(0o600)
    risks = [one for one in (risk, FREE_TEXT if scrub.free_text else None) if one]
    return Scrubbed(target, risks, of_head)


def _whole(source: Path, parsed: Parsed) -> Dataset:
    if parsed.syntax == DEFLATED and parsed.deflated_at is not None:
        inflated = inflate(source, parsed.deflated_at)
        dataset = read_dataset(cast(BinaryIO, inflated), False, True)
        dataset.file_meta = parsed.dataset.file_meta
        return dataset
    with source.open("rb") as raw:
        size = source.stat().st_size
        bounded = BoundedFile(raw, size, min(size * 4 + 1024, _MOST_BYTES), _MOST_READS)
        return dcmread(cast(BinaryIO, bounded), force=True)


def _meta(dataset: Dataset, parsed: Parsed) -> FileMetaDataset:
    """File meta information with what is needed, and nothing of where the file has been."""
    meta = FileMetaDataset()
    meta.FileMetaInformationGroupLength = 0  # set on writing
    meta.FileMetaInformationVersion = b"\0\1"
    was = getattr(parsed.dataset, "file_meta", None)
    sop_class = dataset.get("SOPClassUID") or (was and was.get("MediaStorageSOPClassUID"))
    if sop_class:
        meta.MediaStorageSOPClassUID = sop_class
    if dataset.get("SOPInstanceUID"):
        meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    if parsed.syntax == DEFLATED:
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
    elif parsed.syntax:
        meta.TransferSyntaxUID = UID(parsed.syntax)
    else:
        meta.TransferSyntaxUID = (
            ImplicitVRLittleEndian if _implicit(parsed) else ExplicitVRLittleEndian
        )
    return meta


def _implicit(parsed: Parsed) -> bool:
    return bool(parsed.dataset.original_encoding[0])
