"""DICOM: the source files themselves, byte for byte or de-identified."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.check_trust import check_trust
from explorer.deidentify import secret_of
from explorer.errors import FileRefusedError
from explorer.export_privacy import ExportPrivacy
from explorer.exports.run import Run
from explorer.exports.subject import Subject
from explorer.patient import Patient
from explorer.privacy.hide import is_hidden
from explorer.privacy.scrub_dicom import scrub_dicom
from explorer.privacy.secret import Secret

_BLOCK = 1 << 20


@dataclass(frozen=True, repr=False)
class PatientSecret(Secret):
    """The secret of a store, for one patient: one pseudonym and one shift, whatever a file says.

    A patient who was joined has files under several identifiers; in an export he is one.
    """

    name: str = ""
    days: int = 0

    def pseudonym(self, identifier: str) -> str:
        """The patient's pseudonym."""
        return self.name

    def shift(self, pseudonym: str) -> int:
        """The patient's days."""
        return self.days


def patient_secret(patient: Patient, privacy: ExportPrivacy) -> PatientSecret:
    """What de-identifies the files of one patient, as all else of him in an export."""
    key = secret_of(patient.store).key
    return PatientSecret(key, privacy.pseudonym, privacy.shift)


class DicomExporter:
    """Writes every DICOM file that the store has of a patient: images, SEG, RTSTRUCT, SR, ...

    De-identified by dicom-anonymizer's table of 2026c and the options of docs/security.md: UIDs
    are mapped alike over all files, so that references resolve as before; dates are moved by the
    patient's one shift.
    """

    name = "dicom"
    about = "the source DICOM files, a folder a series"
    tables: Sequence[str] = ("facts", "events", "texts", "vectors", "observations", "runs")

    def begin(self, run: Run) -> None:
        """Nothing is to be settled."""

    def write(self, run: Run, subject: Subject) -> None:
        """Copy a patient's files."""
        folder = f"{subject.part}/{subject.name}" if subject.part.isalnum() else subject.name
        items: dict[str, list[dict[str, Any]]] = {}
        for row in subject.patient.rows("files"):
            if row["status"] in ("ingested", "referenced"):
                items.setdefault(row["item"] or "", []).append(row)
        for number, (item, rows) in enumerate(sorted(items.items()), start=1):
            known = item in {row["item"] for row in subject.patient.rows("items")}
            shown = subject.id(item) if known else f"document-{number:02}"
            copy_files(subject, rows, f"{folder}/{shown}", shown)
        subject.leave_others("facts", "events", "vectors", "runs")

    def finish(self, run: Run) -> None:
        """Nothing speaks of all patients but the manifest."""


def copy_files(subject: Subject, rows: list[dict[str, Any]], folder: str, item: str) -> list[Path]:
    """Copy the DICOM files of an item, each held against its hash; say why not.

    Parameters
    ----------
    subject : Subject
    rows : list of dict
        Of the table ``files``.
    folder : str
        Below the export's.
    item : str
        What the manifest calls the item.

    Returns
    -------
    list of pathlib.Path
        The copies, in the order of the rows; shorter than these where some cannot be copied.
    """
    why: Counter[str] = Counter()
    copies: list[Path] = []
    secret = patient_secret(subject.patient, subject.privacy) if subject.privacy else None
    ordered = sorted(rows, key=lambda row: (row["position"] or 0, row["uri"]))
    for number, row in enumerate(ordered, start=1):
        reason = _unfit(row)
        path = subject.path(f"{folder}/{number:05}.dcm")
        risks: list[str] = []
        if reason is None:
            try:
                reason, risks = _copy(subject, row, path, secret)
            except (FileRefusedError, OSError) as error:
                reason = error.found if isinstance(error, FileRefusedError) else (
                    f"cannot be read: {error.strerror or type(error).__name__}")  # fmt: skip
        if reason is not None:
            path.unlink(missing_ok=True)
            why[reason] += 1
            continue
        told: dict[str, Any] = {"item": item, "kind": "dicom", "problems": risks}
        if subject.privacy is None:
            told |= {"sources": [{"uri": row["uri"], "sha256": row["sha256"]}]}
        subject.add(path, **told)
        copies.append(path)
    for reason, count in why.items():
        subject.leave(item, f"{count} files: {reason}")
    return copies


def _unfit(row: dict[str, Any]) -> str | None:
    if is_hidden(row["uri"]):
        return "the source was de-identified at ingest, and is known by a hidden name alone"
    if "!" in row["uri"] or "://" in row["uri"]:
        return "it lies in an archive or elsewhere: unpack it first"
    return None if Path(row["uri"]).is_file() else "the source file is gone"


def _copy(
    subject: Subject, row: dict[str, Any], path: Path, secret: Secret | None
) -> tuple[str | None, list[str]]:
    source = Path(row["uri"])
    check_trust(subject.patient.store, [row["uri"]], f"patient {subject.called}")
    with source.open("rb") as file:
        start = file.read(132)
        file.seek(0)
        if start[128:] != b"DICM":
            return "it is no DICOM file", []
        digest = hashlib.sha256()
        with path.open("wb") as out:
            while block := file.read(_BLOCK):
                digest.update(block)
                out.write(block)
    if digest.hexdigest() != row["sha256"]:
        return "the source file was changed since it was read", []
    if secret is None or subject.privacy is None:
        return None, []
    done = scrub_dicom(path, path.with_suffix(".part"), secret, subject.privacy.own, None)
    if done is None:
        return "it is no DICOM file", []
    done.path.replace(path)
    return None, done.risks
