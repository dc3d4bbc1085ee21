"""What an export tells of a patient who is not to be named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

from explorer.deidentify import secret_of
from explorer.patient import Patient
from explorer.privacy.hide import is_hidden
from explorer.privacy.identifiers import Identifiers
from explorer.privacy.risks import BURNED_IN, FREE_TEXT, face, is_risk
from explorer.privacy.scrub_dataset import CODES, METHOD
from explorer.privacy.scrub_dicom import dicom_identifiers
from explorer.privacy.scrub_table import is_personal
from explorer.privacy.scrub_text import clean_label, scrub_text

_CAPTURED = ("US", "XA", "RF", "SC", "OT", "ES", "XC", "unknown")
_HEADERS_READ = 64


@dataclass(frozen=True)
class ExportPrivacy:
    """De-identifies what is exported of one patient.

    Attributes
    ----------
    pseudonym : str
    shift : int
        Days; 0 where the store's own copies were shifted at ingest.
    own : Identifiers
        What the store and the source files that are still there say of the patient.
    named : bool
        Whether a person's name could be read, so that texts can be scrubbed of it.
    already : bool
        Whether everything of the patient was de-identified at ingest.
    """

    pseudonym: str
    shift: int
    own: Identifiers
    named: bool
    already: bool

    UNTOLD: ClassVar[frozenset[str]] = frozenset(
        {"source", "origin", "sha256", "row", "detail", "group_uid", "target"}
    )

    @classmethod
    def of(cls, patient: Patient) -> ExportPrivacy:
        """Learn by what a patient can be told."""
        own, already = known_of(patient)
        if already:
            return cls(patient.label, 0, own, bool(own.names), already)
        secret = secret_of(patient.store)
        pseudonym = secret.pseudonym(patient.label)
        return cls(pseudonym, secret.shift(pseudonym), own, bool(own.names), already)

    def withheld(self) -> str | None:
        """Why texts are not handed over, or None."""
        if self.named or self.already:
            return None
        return "withheld: no source file says the patient's name, so it cannot be taken out"

    def text(self, text: str) -> str:
        """A text without the patient's own identifiers, its dates shifted."""
        return text if self.already else scrub_text(text, self.own, self.shift)

    def label(self, label: str) -> str:
        """The known words of a name."""
        return clean_label(label, self.own)

    def date(self, said: str | None) -> str | None:
        """An ISO date, shifted; one that is none goes."""
        try:
            moved = date.fromisoformat((said or "")[:10]) + timedelta(days=self.shift)
        except (ValueError, OverflowError):
            return None
        return moved.isoformat()

    def row(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """A record without what names the patient; None where nothing may be told of it."""
        if is_personal(str(row.get("name") or "")) or is_personal(str(row.get("column") or "")):
            return None
        found: dict[str, Any] = {}
        for name, value in row.items():
            if name in ("date", "end_date"):
                found[name] = self.date(value)
            elif isinstance(value, str) and name not in ("state", "day_state", "unit", "code"):
                found[name] = self.text(value)
            else:
                found[name] = value
        most = oldest(str(row.get("name")), found.get("number"))
        if most is not None:
            found["number"], found["value"] = most, f"{most:g}"
        return found

    def item(self, item: Any, about: dict[str, Any]) -> dict[str, Any]:
        """What is told of an image or a segmentation."""
        problems = [one for one in about["problems"] if is_risk(one)]
        if item.kind == "image":
            if (found := face(item)) is not None:
                problems.append(found)
            burned = str(item.meta.get("burned_in_annotation") or "").upper()
            captured = item.modality in _CAPTURED or item.meta.get("secondary_capture")
            if burned == "YES" or (captured and burned != "NO"):
                problems.append(BURNED_IN)
        return {
            **about,
            "name": self.label(about["name"]),
            "acquired": self.date(about["acquired"]),
            "problems": list(dict.fromkeys(problems)),
        }

    def manifest(self) -> dict[str, Any]:
        """What was done, for the manifest."""
        return {
            "patient_identity_removed": "YES",
            "deidentification_method": METHOD,
            "deidentification_codes": [f"{value} DCM {meaning}" for value, meaning in CODES],
            "notes": [FREE_TEXT, "pixels are as they were: see the problems of each image"],
        }


def oldest(name: str, number: float | None) -> float | None:
    """What is told instead of an age of more than 90 years (or its days); None of others."""
    if number is None or "age" not in name.lower().split("_"):
        return None
    most = 90 * 365.25 if number > 150 else 90
    return most if number >= most else None


def known_of(patient: Patient) -> tuple[Identifiers, bool]:
    """By what a patient can be told, and whether all of it was de-identified at ingest.

    Parameters
    ----------
    patient : Patient

    Returns
    -------
    own : Identifiers
        As the store and those source files say it that are still there.
    already : bool
    """
    files = [row["uri"] for row in patient.rows("files")]
    own = Identifiers()
    aliases = patient.store.records.read("aliases").to_pylist()
    names = {row["identifier"] for row in aliases if row["patient"] == patient.key}
    for identifier in {patient.label, *names}:
        own.add_number(identifier)
    own.add_birth(patient.attributes.get("birth_date"))
    for uri in _one_a_folder(files):
        said = dicom_identifiers(uri)
        if said is not None:
            own.merge([said[1]])
    return own, bool(files) and all(is_hidden(uri) for uri in files)


def _one_a_folder(uris: list[str]) -> list[Path]:
    """A source file of each folder that is still there: a series has one patient's name."""
    found = {Path(uri).parent: Path(uri) for uri in uris if not is_hidden(uri) and "!" not in uri}
    return [path for path in found.values() if path.is_file()][:_HEADERS_READ]
