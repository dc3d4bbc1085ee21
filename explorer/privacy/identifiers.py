"""What a patient can be told by, as the patient's own files say it: kept in memory only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydicom.dataset import Dataset

from explorer.readers.dicom_values import text, texts

_PERSONS = (
    "PatientName", "OtherPatientNames", "PatientBirthName", "PatientMotherBirthName",
    "ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName", "PhysiciansOfRecord",
    "NameOfPhysiciansReadingStudy", "RequestingPhysician", "ResponsiblePerson",
)  # fmt: skip
_NUMBERS = (
    "PatientID", "OtherPatientIDs", "AccessionNumber", "StudyID", "AdmissionID",
    "MedicalRecordLocator", "IssuerOfPatientID", "RequestedProcedureID", "ScheduledProcedureStepID",
)  # fmt: skip
_PLACES = ("PatientAddress", "InstitutionName", "InstitutionAddress", "PatientInstitutionResidence")
_PHONES = ("PatientTelephoneNumbers", "ReferringPhysicianTelephoneNumbers")
TAGS = (*_PERSONS, *_NUMBERS, *_PLACES, *_PHONES, "PatientBirthDate", "StudyInstanceUID")

_TITLES = {"dr", "mr", "mrs", "ms", "md", "phd", "prof", "jr", "sr", "the", "and", "von", "van",
           "de", "der", "den", "la", "le", "of", "anonymous", "anon", "anonymized", "unknown",
           "patient", "test", "none", "na"}  # fmt: skip


@dataclass
class Identifiers:
    """Names, numbers, addresses, phones and birth dates of one patient.

    Attributes
    ----------
    names : set of str
        Parts of persons' names.
    numbers : set of str
        Identifiers, accession numbers.
    places : set of str
        Addresses and institutions, whole.
    phones : set of str
        Digits only.
    births : set of str
        ``YYYY-MM-DD``.
    """

    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    births: set[str] = field(default_factory=set)

    @classmethod
    def of_dataset(cls, dataset: Dataset) -> Identifiers:
        """Collect what a DICOM header says, its top level only."""
        found = cls()
        for tag in _PERSONS:
            for one in texts(dataset, tag):
                found.add_name(one)
        for tag in _NUMBERS:
            for one in texts(dataset, tag):
                found.add_number(one)
        for tag in _PLACES:
            for one in texts(dataset, tag):
                found.add_place(one)
        for tag in _PHONES:
            for one in texts(dataset, tag):
                found.add_phone(one)
        found.add_birth(text(dataset, "PatientBirthDate"))
        return found

    def add_name(self, name: str) -> None:
        """Add the parts of a person's name (``Family^Given``, ``Given Family``)."""
        for part in re.split(r"[\s^=,;.&|/\\()]+", name):
            bare = part.strip("-'\"")
            if len(bare) >= 2 and not bare.isdigit() and bare.casefold() not in _TITLES:
                self.names.add(bare)

    def add_number(self, number: str) -> None:
        """Add an identifier; those of one or two characters would match everywhere."""
        bare = number.strip()
        if len(bare) >= 3:
            self.numbers.add(bare)

    def add_place(self, place: str) -> None:
        """Add an address or an institution."""
        bare = place.strip()
        if len(bare) >= 4:
            self.places.add(bare)

    def add_phone(self, phone: str) -> None:
        """Add a telephone number, however it is written."""
        digits = re.sub(r"\D", "", phone)
        if len(digits) >= 6:
            self.phones.add(digits)

    def add_birth(self, birth: str | None) -> None:
        """Add a birth date, ``YYYYMMDD`` or ``YYYY-MM-DD``."""
        digits = re.sub(r"\D", "", birth or "")[:8]
        if len(digits) == 8:
            self.births.add(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")

    def merge(self, others: Iterable[Identifiers]) -> Identifiers:
        """Add what others have; returns itself."""
        for other in others:
            self.names |= other.names
            self.numbers |= other.numbers
            self.places |= other.places
            self.phones |= other.phones
            self.births |= other.births
        return self

    def names_word(self, word: str) -> bool:
        """Whether a single word is a part of a name, or an identifier."""
        bare = word.casefold()
        return any(bare == one.casefold() for one in self.names | self.numbers)
