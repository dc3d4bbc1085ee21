"""Whose a DICOM object is, and which one: for objects that are one file each."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset

from explorer.draft import Header, Kind, PatientHint, Source
from explorer.readers.dicom_header import identity_text
from explorer.readers.dicom_values import iso_date, text

TAGS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "Modality",
    "PatientID",
    "IssuerOfPatientID",
    "PatientSex",
    "PatientBirthDate",
    "StudyDate",
    "SeriesDate",
    "ContentDate",
    "SeriesDescription",
    "SyntheticData",
)


@dataclass(frozen=True)
class DicomIdentity:
    """Patient, study and instance; None where a tag is empty."""

    patient: PatientHint
    study: str | None
    instance: str | None

    def header(self, source: Source, reader: str, kind: Kind = "segmentation") -> Header:
        """Head an item that is one file; a missing SOPInstanceUID gives way to the path."""
        identity = self.instance or source.relative
        made_up = None if self.instance else "SOPInstanceUID is empty: known by its path"
        notes = [note for note in (self.patient.note, made_up) if note]
        return Header(
            source=source,
            reader=reader,
            kind=kind,
            group=f"{reader}:{source.uri}",
            patient=self.patient,
            study=self.study,
            detail={"identity": identity},
            note="; ".join(notes) or None,
        )


def dicom_identity(dataset: Dataset) -> DicomIdentity:
    """Read who and which a parsed header is (DICOM PS3.3 C.7.1.1, C.12.1).

    Parameters
    ----------
    dataset : pydicom.Dataset
        Parsed with `TAGS`.
    """
    return DicomIdentity(
        patient_hint(dataset),
        identity_text(dataset, "StudyInstanceUID"),
        identity_text(dataset, "SOPInstanceUID"),
    )


def patient_hint(dataset: Dataset) -> PatientHint:
    """Read who a parsed header is of (DICOM PS3.3 C.7.1.1)."""
    identifier, note = identity_text(dataset, "PatientID"), None
    if identifier is None:
        said = text(dataset, "PatientID", 1)
        note = f"PatientID is {'too long to be one' if said else 'empty'}"
    return PatientHint(
        identifier=identifier,
        issuer=identity_text(dataset, "IssuerOfPatientID"),
        sex=text(dataset, "PatientSex", 16),
        birth_date=iso_date(dataset, "PatientBirthDate"),
        note=note,
    )
