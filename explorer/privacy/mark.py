"""What a de-identified DICOM data set says was done to it."""

from __future__ import annotations

from pydicom.dataset import Dataset

METHOD = "oncograph; dicom-anonymizer, PS3.15 table E.1-1 of 2026c"
# DICOM PS3.16 CID 7050: the profile, and the options that are taken.
CODES = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113104", "Clean Structured Content Option"),
    ("113105", "Clean Descriptors Option"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
)


def mark(dataset: Dataset, codes: tuple[tuple[str, str], ...] = CODES) -> None:
    """Write into a data set what was done to it (DICOM PS3.15 E.1, PS3.3 C.7.1.1)."""
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = METHOD
    done = []
    for value, meaning in codes:
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "DCM", meaning
        done.append(code)
    dataset.DeidentificationMethodCodeSequence = done
    dataset.LongitudinalTemporalInformationModified = "MODIFIED"
