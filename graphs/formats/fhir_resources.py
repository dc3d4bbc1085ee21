"""FHIR R4B resources of what a patient graph knows, as plain JSON."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from explorer.item_id import item_id
from explorer.printable import printable
from graphs.finding import Finding
from graphs.measured_value import MeasuredValue

if TYPE_CHECKING:
    from explorer.image import Image
    from explorer.patient import Patient
    from explorer.report import Report

Json = dict[str, Any]
# What FHIR has no field for: a finding, every part of it.
FINDING_URL = "urn:oncograph:finding"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_SYSTEMS = {
    "SCT": "http://snomed.info/sct",
    "LN": "http://loinc.org",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "ICD-10": "http://hl7.org/fhir/sid/icd-10",
    "RADLEX": "http://radlex.org",
}
_UCUM = "http://unitsofmeasure.org"
_UNITS = {
    "HU": "[hnsf'U]",
    "SUV": "{SUVbw}g/mL",
    "SUVbw": "{SUVbw}g/mL",
    "ml": "mL",
    "ng/ml": "ng/mL",
}
_ASSERTIONS = {
    "present": ("52101004", "Present"),
    "absent": ("2667000", "Absent"),
    "uncertain": ("82334004", "Indeterminate"),
}
_SIDES = {"left": "7771000", "right": "24028007", "bilateral": "51440002"}
_GENDER = {"M": "male", "F": "female", "O": "other"}
# HL7's security labels: made by a program; test data.
_BY_PROGRAM = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}
_TEST = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}


def fhir_id(kind: str, name: str) -> str:
    """An id that FHIR takes; a name that it does not take is hashed."""
    return name if _ID.fullmatch(name) else item_id(kind, name)


def patient_resource(patient: Patient) -> Json:
    """The Patient: identifier and sex; no name, no birth date."""
    about = patient.attributes
    issuer = str(about.get("issuer") or "local")
    system = issuer if ":" in issuer else f"urn:oncograph:issuer:{quote(issuer)}"
    kind = {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}],
    }
    found: Json = {
        "resourceType": "Patient",
        "id": patient.key,
        "identifier": [{"type": kind, "system": system, "value": fhir_text(patient.label)}],
        "gender": _GENDER.get(str(about.get("sex")), "unknown"),
    }
    return _marked(found, synthetic=patient.synthetic)


def device_resource(producer: str, version: str) -> Json:
    """Who found it: a program and its version."""
    return {
        "resourceType": "Device",
        "id": item_id("device", producer, version),
        "deviceName": [{"name": fhir_text(producer), "type": "model-name"}],
        "version": [{"value": fhir_text(version)}],
    }


def study_resource(patient: Patient, uid: str, images: list[Image]) -> Json:
    """An ImagingStudy of the patient's images with one StudyInstanceUID."""
    dates = sorted(image.meta.get("study_date") or image.acquired or "" for image in images)
    found: Json = {
        "resourceType": "ImagingStudy",
        "id": item_id("study", uid),
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}],
        "status": "available",
        "subject": {"reference": f"Patient/{patient.key}"},
        "series": [_series(image) for image in images if image.series_uid],
    }
    if dates[0]:
        found["started"] = dates[0]
    return _marked(found, synthetic=any(image.synthetic for image in images))


def _series(image: Image) -> Json:
    found: Json = {
        "uid": image.series_uid,
        "modality": {
            "system": _SYSTEMS["DCM"],
            "code": fhir_text(image.modality),
        },
    }
    if image.name:
        found["description"] = fhir_text(image.name)
    if files := [row for row in image.sources() if row["sop_uid"]]:
        found["numberOfInstances"] = len(files)
    return found


def report_resource(
    report: Report, *, generated: bool, results: list[str], studies: list[str]
) -> Json:
    """A DiagnosticReport; its text is an attachment, byte by byte, and escaped in the narrative."""
    name = fhir_text(report.name or "report")
    # a reader takes the first mark of byte order for one: the text's own is the second
    text = "\ufeff" + report.text if report.text.startswith("\ufeff") else report.text
    form: Json = {
        "contentType": "text/plain; charset=utf-8",
        "data": base64.b64encode(text.encode("utf-8")).decode("ascii"),
        "title": name,
    }
    if report.language:
        form["language"] = report.language
    found: Json = {
        "resourceType": "DiagnosticReport",
        "id": fhir_id("report", report.id),
        "text": {"status": "generated", "div": _narrative(report.text, generated=generated)},
        "status": "preliminary" if generated else "final",
        "code": {"text": name},
        "subject": {"reference": f"Patient/{report.patient.key}"},
        "presentedForm": [form],
    }
    if report.date:
        found["effectiveDateTime"] = report.date
    if results:
        found["result"] = [{"reference": f"Observation/{one}"} for one in results]
    if studies:
        found["imagingStudy"] = [{"reference": f"ImagingStudy/{one}"} for one in studies]
    return _marked(found, synthetic=report.synthetic, program=generated)


def finding_resource(
    patient: Patient, finding: Finding, *, date: str | None, device: str, study: str | None,
    synthetic: bool,
) -> Json:  # fmt: skip
    """An Observation of a finding: assertion as its value, numbers as components."""
    found: Json = {
        "resourceType": "Observation",
        "id": fhir_id("f", finding.id),
        "extension": [{"url": FINDING_URL, "valueString": _whole(finding)}],
        "status": "preliminary",
        "category": [{"text": "report finding"}],
        "code": _concept(finding.code, finding.entity),
        "subject": {"reference": f"Patient/{patient.key}"},
        "device": {"reference": f"Device/{device}"},
        "note": [{"text": fhir_text(finding.text)}],
    }
    if date:
        found["effectiveDateTime"] = date
    if finding.assertion in _ASSERTIONS:
        said, words = _ASSERTIONS[finding.assertion]
        found["valueCodeableConcept"] = _concept(f"SCT:{said}", words)
    else:
        absent = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
        found["dataAbsentReason"] = {"coding": [{"system": absent, "code": "not-performed"}]}
    if finding.anatomy:
        code = finding.anatomy_codes[0] if finding.anatomy_codes else None
        found["bodySite"] = _concept(code, finding.anatomy[0])
    if study:
        found["derivedFrom"] = [{"reference": f"ImagingStudy/{study}"}]
    parts = [part for value in finding.measurements for part in _components(value)]
    if finding.laterality:
        side = _concept(f"SCT:{_SIDES[finding.laterality]}", finding.laterality)
        parts.append({"code": {"text": "laterality"}, "valueCodeableConcept": side})
    if finding.change:
        parts.append({"code": {"text": "change"}, "valueString": finding.change})
    if parts:
        found["component"] = parts
    return _marked(found, synthetic=synthetic, program=True)


def _components(value: MeasuredValue) -> list[Json]:
    name = f"previous {value.kind}" if value.prior else value.kind
    unit = {"unit": value.unit, "system": _UCUM, "code": _UNITS.get(value.unit, value.unit)}
    return [
        {"code": {"text": fhir_text(name)},
         "valueQuantity": {"value": one, **(unit if value.unit else {})}}
        for one in value.value
    ]  # fmt: skip


def _whole(finding: Finding) -> str:
    # ASCII: FHIR's strings may not have control characters, JSON's escapes may
    return json.dumps(finding.row(), ensure_ascii=True, sort_keys=True)


def _concept(code: str | None, words: str) -> Json:
    found: Json = {"text": fhir_text(words)}
    scheme, colon, value = (code or "").partition(":")
    if colon and scheme in _SYSTEMS and value:
        coding = {"system": _SYSTEMS[scheme], "code": value, "display": fhir_text(words)}
        found["coding"] = [coding]
    return found


def fhir_text(text: str) -> str:
    """A string that FHIR takes: not empty, and nothing in it that cannot be printed."""
    return printable(text).strip() or "unnamed"


def _narrative(text: str, *, generated: bool) -> str:
    shown = [f"<p>{html.escape(printable(line))}</p>" for line in text.splitlines() if line.strip()]
    if generated:
        shown.insert(0, "<p>Generated by a program; research use only; verified by nobody.</p>")
    inside = "".join(shown) or "<p>The report is empty.</p>"
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{inside}</div>'


def _marked(found: Json, *, synthetic: bool, program: bool = False) -> Json:
    labels = [*([_BY_PROGRAM] if program else []), *([_TEST] if synthetic else [])]
    return {**found, "meta": {"security": labels}} if labels else found
