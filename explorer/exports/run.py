"""Run: one export of many patients, written beside its place and moved there when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from explorer.errors import StoreError
from explorer.export_privacy import ExportPrivacy
from explorer.exports.options import Options
from explorer.exports.subject import Subject, file_entry
from explorer.layout import FORMAT
from explorer.patient import Patient
from explorer.patient_set import PatientSet
from explorer.records import now

MANIFEST = "manifest.json"
FORM = f"{FORMAT} export"
_JOURNAL = ".oncograph"
_REQUEST = "request.json"
_STATE = "state.json"


@dataclass
class Run:
    """One export while it is written.

    Attributes
    ----------
    cohort : PatientSet
    folder : pathlib.Path
        Where it is written: beside `place`, under a name that begins with a dot.
    place : pathlib.Path
        Where it will be.
    format : str
    options : Options
    parts : dict
        Key to the part of a split; empty without one.
    split : dict
        Name and hash of the split.
    state : dict
        What a format settles on the way (label numbers); kept with each patient.
    patients : list of Patient
    hidden : dict
        Key to what de-identifies the patient; empty where nobody is hidden.
    names, called : dict
        Key to the patient's name in paths, and in files.
    files, left_out : list of dict
        Of the whole, besides those of the patients.
    """

    cohort: PatientSet
    folder: Path
    place: Path
    format: str
    options: Options
    parts: dict[str, str] = field(default_factory=dict)
    split: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    resumed: int = 0
    patients: list[Patient] = field(default_factory=list)
    hidden: dict[str, ExportPrivacy] = field(default_factory=dict)

    @classmethod
    def at(cls, cohort: PatientSet, place: Path, format: str, options: Options) -> Run:
        """Begin, or find what an export of the same has begun.

        Raises
        ------
        StoreError
            There is something at the place.
        """
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise StoreError("The folder is not empty", expected="a new one", where=str(place))
        folder = place.with_name(f".{place.name}.oncograph-part")
        return cls(cohort, folder, place, format, options)

    @property
    def title(self) -> str:
        """Name of the data set."""
        return self.options.title or self.cohort.name or "oncograph cohort"

    def subject(self, patient: Patient) -> Subject:
        """A patient on the way out, nothing written yet."""
        key = patient.key
        part = self.parts.get(key, "")
        hidden = self.hidden.get(key)
        return Subject(patient, self.folder, self.names[key], self.called[key], part, hidden)

    def request(self) -> dict[str, Any]:
        """All that decides what is written."""
        parts = hashlib.sha256(json.dumps(sorted(self.parts.items())).encode()).hexdigest()
        return {
            "format": self.format, "options": self.options.document(), "parts": parts,
            "cohort": self.cohort.digest, "store": self.cohort.store.id, "oncograph": software(),
        }  # fmt: skip

    def open(self) -> bool:
        """Make the folder, or go on in it; whether it is new."""
        journal = self.folder / _JOURNAL
        try:
            found = json.loads((journal / _REQUEST).read_text("utf-8"))
        except (OSError, ValueError):
            found = None
        fresh = bool(found != self.request())
        if fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
            journal.mkdir(mode=0o700, parents=True)
            self.folder.chmod(0o700)
            _put(journal / _REQUEST, self.request())
        elif (journal / _STATE).is_file():
            self.state = json.loads((journal / _STATE).read_text("utf-8"))
        return fresh

    def done(self, key: str) -> bool:
        """Whether a patient was written by an earlier run, every file of it whole."""
        entry = self.journal(key)
        if entry is None:
            return False
        for one in entry["files"]:
            path = self.folder / one["file"]
            if not path.is_file() or path.stat().st_size != one["size"]:
                return False
        return True

    def journal(self, key: str) -> dict[str, Any] | None:
        """What was written of a patient, None where he is not written."""
        try:
            found: dict[str, Any] = json.loads(self._entry(key).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def keep(self, subject: Subject) -> None:
        """Note that a patient is written: the state first, since his files depend on it."""
        _put(self.folder / _JOURNAL / _STATE, self.state)
        _put(
            self._entry(subject.patient.key),
            {"files": subject.files, "left_out": subject.left_out, "notes": subject.notes},
        )

    def _entry(self, key: str) -> Path:
        return self.folder / _JOURNAL / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def notes(self) -> Iterator[dict[str, Any]]:
        """What the patients' writing left for the index, each with key, name, called and part."""
        for key in self.cohort.keys:
            for note in (self.journal(key) or {"notes": []})["notes"]:
                yield {
                    "key": key, "name": self.names[key], "called": self.called[key],
                    "part": self.parts.get(key, ""), **note,
                }  # fmt: skip

    def add(self, path: Path, **about: Any) -> None:
        """Note a file that speaks of all patients."""
        self.files.append(file_entry(path, self.folder, **about))

    def add_json(self, relative: str, document: Any, **about: Any) -> None:
        """Write a JSON file of the whole."""
        path = self.folder / relative
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=True) + "\n", "utf-8")
        self.add(path, **about)

    def leave(self, item: str, reason: str) -> None:
        """Note what the format has no place for."""
        self.left_out.append({"item": item, "reason": reason})

    def whole(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Files and what was left out, of the patients and of the whole."""
        files, left = [], []
        for key in self.cohort.keys:
            entry = self.journal(key) or {"files": [], "left_out": []}
            files += entry["files"]
            left += entry["left_out"]
        return files + self.files, left + self.left_out

    def close(self, licences: dict[str, int], privacy: dict[str, Any]) -> dict[str, Any]:
        """Write the manifest, and move the whole to its place."""
        files, left = self.whole()
        members = []
        heads = {head.patient: head for head in self.cohort.heads}
        for key in self.cohort.keys:
            one: dict[str, Any] = {"patient": self.called[key], "name": self.names[key]}
            if self.parts:
                one["part"] = self.parts.get(key)
            if not self.options.deidentify:
                head = heads[key]
                one |= {"key": key, "version": head.version, "snapshot": head.snapshot}
            members.append(one)
        cohort: dict[str, Any] = {"name": self.cohort.name, "sha256": self.cohort.digest}
        if not self.options.deidentify:
            cohort["store"] = self.cohort.store.id
        document = {
            "format": FORM, "version": 2, "layout": self.format, "title": self.title,
            "created": now(), "software": software(), "cohort": cohort, "split": self.split or None,
            "options": self.options.document(),
            "licence": [{"terms": line, "patients": n} for line, n in licences.items()],
            **privacy, "patients": members, "files": files, "left_out": left,
        }  # fmt: skip
        shutil.rmtree(self.folder / _JOURNAL)
        for path in self.folder.rglob("*"):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        _put(self.folder / MANIFEST, document, indent=1)
        if self.place.is_dir():
            self.place.rmdir()  # it was looked at first: it is empty
        self.place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self.folder, self.place)  # noqa: PTH105 - it appears whole
        return document


def software() -> dict[str, str]:
    """Versions of what writes."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in ("oncograph", "nibabel", "highdicom", "pydicom", "pyarrow", "dicom-anonymizer"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _put(path: Path, document: Any, indent: int | None = None) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(
        json.dumps(document, indent=indent, ensure_ascii=False, default=str) + "\n",
        "utf-8",
        errors="backslashreplace",
    )
    part.chmod(0o600)
    os.replace(part, path)  # noqa: PTH105 - it appears whole
