"""A patient's reports and their findings as FHIR (R4B), and back."""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.address import Address
from explorer.derived import derived
from explorer.draft import Source
from explorer.errors import AddressError, FileRefusedError
from explorer.readers.fhir_document import fhir_document
from explorer.readers.fhir_texts import fhir_texts
from graphs.errors import FormatError
from graphs.finding import Finding
from graphs.formats.fhir_resources import (
    FINDING_URL,
    Json,
    device_resource,
    finding_resource,
    patient_resource,
    report_resource,
    study_resource,
)

if TYPE_CHECKING:
    from explorer.image import Image
    from explorer.patient import Patient


@dataclass(frozen=True)
class FhirReport:
    """A DiagnosticReport with its findings.

    Attributes
    ----------
    id, name, text : str
        Hostile.
    date, language : str or None
    findings : tuple of Finding
        Those that were written by oncograph, with every part.
    """

    id: str
    name: str
    text: str
    date: str | None
    language: str | None
    findings: tuple[Finding, ...]


def write_fhir_report(
    patient: Patient,
    path: str | os.PathLike[str] | None = None,
    *,
    reports: Iterable[str] | None = None,
) -> Json:
    """Write reports, their findings and the imaging studies as one Bundle.

    The text of a report is an attachment (``presentedForm``), and stands in the narrative
    escaped. A finding is an Observation: its assertion the value, its numbers components, and
    all of it as JSON in an extension. What a program made is labelled so (HL7's security label
    AIAST; a generated report is preliminary), and what is made up as test data (HTEST).

    Parameters
    ----------
    patient : Patient
    path : path-like, optional
        Where to save it.
    reports : iterable of str, optional
        Ids of the reports; all by default.

    Returns
    -------
    dict
        The Bundle, validated with fhir.resources.

    Raises
    ------
    FormatError
        There is no report, or what was made is not FHIR.
    """
    wanted = list(patient.reports) if reports is None else list(reports)
    if not wanted:
        raise FormatError("The patient has no report", where=f"patient {patient.label}")
    studies = _studies(patient)
    found: list[Json] = [patient_resource(patient)]
    found += [study_resource(patient, uid, images) for uid, images in studies.items()]
    ids = {uid: one["id"] for uid, one in zip(studies, found[1:], strict=True)}
    runs = {row["run"]: row for row in derived(patient, "runs")}
    devices: dict[str, Json] = {}
    for item in wanted:
        found += _of_report(patient, item, runs, ids, devices)
    found += devices.values()
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in found],
    }
    _check(bundle)
    if path is not None:
        text = json.dumps(bundle, ensure_ascii=True, indent=1)
        Path(path).write_text(text + "\n", encoding="ascii")
    return bundle


def _of_report(
    patient: Patient, item: str, runs: dict[str, Json], ids: dict[str, str],
    devices: dict[str, Json],
) -> list[Json]:  # fmt: skip
    """The DiagnosticReport and its Observations; their devices are added to `devices`."""
    report = patient.reports[item]
    origins = [row["origin"] for row in patient.rows("texts") if row["item"] == item]
    generated = any(origin in runs for origin in origins)
    results, seen = [], []
    for row in derived(patient, "findings"):
        if row["item"] != item or row["run"] not in runs:
            continue
        run = runs[row["run"]]
        device = device_resource(run["producer"], run["version"])
        devices[device["id"]] = device
        study = ids.get(_study_of(patient, row["finding"]) or "")
        results.append(
            finding_resource(
                patient, Finding.of_row(row), date=report.date, device=device["id"],
                study=study, synthetic=bool(row["synthetic"]),
            )
        )  # fmt: skip
        seen += [study] if study else []
    named = [one["id"] for one in results]
    studies = list(dict.fromkeys(seen))
    told = report_resource(report, generated=generated, results=named, studies=studies)
    return [told, *results]


def read_fhir_report(path: str | os.PathLike[str]) -> list[FhirReport]:
    """Read the reports of a FHIR file by the parser that takes it into a store.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    list of FhirReport
        A report of several forms is several. Findings that other programs wrote have no
        extension, and are observations of the store once the file is ingested.

    Raises
    ------
    FormatError
        It is no FHIR, or a finding in it is none.
    """
    place = Path(path)
    data = place.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    source = Source(place, str(place), place.name, True, len(data), 0, digest)
    try:
        entries = fhir_document(data)
    except FileRefusedError as error:
        raise FormatError(error.message, where=str(place)) from error
    faults = [entry.fault for entry in entries if entry.fault]
    if faults:
        raise FormatError(f"It holds what is no FHIR: {faults[0]}", where=str(place))
    by_id = {
        str(entry.resource.get("id")): _finding(entry.resource, str(place))
        for entry in entries
        if entry.kind == "Observation"
    }
    found = []
    for entry in entries:
        if entry.kind != "DiagnosticReport":
            continue
        texts, _ = fhir_texts(entry.resource, source, entry.number)
        refers = [str(one.get("reference")) for one in entry.resource.get("result", [])]
        named = [by_id.get(one.removeprefix("Observation/")) for one in refers]
        findings = tuple(one for one in named if one is not None)
        for text in texts:
            told = json.loads(text["detail"] or "{}")
            found.append(
                FhirReport(
                    str(entry.resource.get("id")), text["name"], text["text"], text["date"],
                    told.get("language_said"), findings,
                )
            )  # fmt: skip
    return found


def _studies(patient: Patient) -> dict[str, list[Image]]:
    found: dict[str, list[Image]] = defaultdict(list)
    for image in patient.images.values():
        if image.study_uid:
            found[image.study_uid].append(image)
    return dict(found)


def _study_of(patient: Patient, finding: str) -> str | None:
    """StudyInstanceUID of the image that a finding is grounded in."""
    for row in derived(patient, "groundings"):
        if row["finding"] != finding or not row["target"] or row["status"] == "rejected":
            continue
        try:
            address = Address.parse(f"onco:{patient.key}/{row['target']}")
        except AddressError:
            continue
        item = address.item
        segmentation = patient.segmentations.get(item)
        if segmentation is not None:
            item = segmentation.image or ""
        image = patient.images.get(item)
        if image is not None:
            return image.study_uid
    return None


def _finding(resource: Json, where: str) -> Finding | None:
    for one in resource.get("extension", []):
        if one.get("url") == FINDING_URL:
            try:
                return Finding.of_row(json.loads(one["valueString"]))
            except (ValueError, TypeError, KeyError) as error:
                raise FormatError(
                    f"A finding that is none: {error!r}"[:200], where=where
                ) from error
    return None


def _check(bundle: Json) -> None:
    from fhir.resources.R4B.bundle import Bundle

    try:
        Bundle.model_validate(bundle)
    except ValueError as error:
        raise FormatError(f"What was made is no FHIR: {error}"[:500]) from error
