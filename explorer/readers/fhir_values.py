"""FHIR's data types as the record tables have them: codes, dates, quantities (R4B, 2.24)."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]

_SYSTEMS = {
    "http://loinc.org": "LN",
    "http://snomed.info/sct": "SCT",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "ICD-10-GM",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://terminology.hl7.org/CodeSystem/icd-o-3": "ICD-O-3",
    "urn:oid:2.16.840.1.113883.6.43.1": "ICD-O-3",
    "http://unitsofmeasure.org": "UCUM",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://dicom.nema.org/resources/ontology/DCM": "DCM",
    "http://radlex.org": "RADLEX",
}
_DATE = re.compile(r"(\d{4})(-\d{2})?(-\d{2})?(T.*)?")
_PREFERRED = ("SCT", "LN")


def concept(value: Json | None) -> tuple[str | None, str | None, str | None]:
    """A CodeableConcept as (words, code, scheme).

    Of several codings SNOMED CT's and LOINC's come before others; the scheme is DICOM's short
    name of it where it has one, else the system's URL.
    """
    if not value:
        return None, None, None
    codings = [one for one in value.get("coding", []) if one.get("code")]
    ranked = sorted(codings, key=lambda one: scheme(one.get("system")) not in _PREFERRED)
    first = ranked[0] if ranked else {}
    shown = next((one["display"] for one in value.get("coding", []) if one.get("display")), None)
    words = value.get("text") or first.get("display") or shown or first.get("code")
    return words, first.get("code"), scheme(first.get("system"))


def scheme(system: str | None) -> str | None:
    """The short name of a system of codes."""
    return _SYSTEMS.get(system, system) if system else None


def code_text(value: Json | None) -> str | None:
    """A CodeableConcept's code with its scheme, ``SCT:254637007``."""
    _, code, named = concept(value)
    return f"{named}:{code}" if code and named else code


def others(value: Json | None) -> list[str]:
    """Every coding of a CodeableConcept, ``scheme:code``."""
    codings = (value or {}).get("coding", [])
    return [f"{scheme(one.get('system'))}:{one['code']}" for one in codings if one.get("code")]


def when(value: str | None) -> tuple[str | None, str | None]:
    """A FHIR date or dateTime as (ISO date, partial).

    The date is the one that was written, in its own time zone. A year or a month alone is no
    date: it comes back as `partial`, to be kept as text.
    """
    found = _DATE.fullmatch(value) if value else None
    if value is None or found is None:
        return None, value
    if found[2] and found[3]:
        return value[:10], None
    return None, value


def period(resource: Json, name: str) -> tuple[str | None, str | None]:
    """Start and end of a choice ``name[x]``: a dateTime, an instant or a Period; as written."""
    span = resource.get(f"{name}Period") or {}
    single = resource.get(f"{name}DateTime") or resource.get(f"{name}Instant")
    return single or span.get("start"), span.get("end")


def measured(resource: Json) -> tuple[str | None, float | None, str | None]:
    """A ``value[x]`` as (text, number, unit); a number's text is as it stands in the file."""
    quantity = resource.get("valueQuantity")
    if quantity is not None:
        value = quantity.get("value")
        unit = quantity.get("code") or quantity.get("unit")
        if value is None:
            return None, None, unit
        sign = quantity.get("comparator")
        return f"{sign or ''}{value}", None if sign else float(value), unit
    if "valueInteger" in resource:
        return str(resource["valueInteger"]), float(resource["valueInteger"]), None
    if "valueBoolean" in resource:
        return ("true" if resource["valueBoolean"] else "false"), None, None
    if "valueCodeableConcept" in resource:
        return concept(resource["valueCodeableConcept"])[0], None, None
    for name in ("valueString", "valueDateTime", "valueTime"):
        if name in resource:
            return str(resource[name]), None, None
    for name in ("valueRange", "valueRatio"):
        if name in resource:
            return _pair(resource[name]), None, None
    return None, None, None


def _pair(value: Json) -> str | None:
    """A Range or a Ratio in words: ``2 - 5 mm``, ``1 : 128``."""
    low, high = (
        value.get("low") or value.get("numerator"),
        value.get("high") or value.get("denominator"),
    )
    parts = [f"{one.get('value')} {one.get('unit') or ''}".strip() for one in (low, high) if one]
    return (" : " if "numerator" in value else " - ").join(parts) or None
