"""The rows of one FHIR resource: Condition, Observation, DiagnosticReport, ImagingStudy."""

from __future__ import annotations

from typing import Any

from explorer.readers.fhir_values import (
    Json,
    code_text,
    concept,
    measured,
    others,
    period,
    when,
)
from explorer.readers.report_rows import detail

Row = dict[str, Any]
_ABSENT = {
    "not-performed": "not acquired", "not-applicable": "absent", "masked": "withheld",
    "unknown": "unknown", "asked-unknown": "unknown", "temp-unknown": "unknown",
    "not-asked": "not acquired", "asked-declined": "withheld", "unsupported": "not extracted",
}  # fmt: skip
_VOID = "entered-in-error"


def condition_rows(resource: Json) -> list[Row]:
    """A Condition as an event; 'absent' where it is refuted, nothing where it was an error."""
    verified = _status(resource.get("verificationStatus"))
    if verified == _VOID:
        return []
    name, code, scheme = concept(resource.get("code"))
    began, _ = period(resource, "onset")
    ended, _ = period(resource, "abatement")
    date, partial = when(began or resource.get("recordedDate"))
    end, end_partial = when(ended)
    stages = [concept(one.get("summary"))[0] for one in resource.get("stage", [])]
    return [
        {
            "kind": "condition", "name": name or "condition", "code": code, "code_scheme": scheme,
            "value": next((one for one in stages if one), None),
            "state": "absent" if verified == "refuted" else "present", "date": date,
            "end_date": end,
            "detail": detail(
                id=resource.get("id"), codes=others(resource.get("code")), verification=verified,
                clinical=_status(resource.get("clinicalStatus")),
                severity=concept(resource.get("severity"))[0],
                site=[code_text(one) for one in resource.get("bodySite", [])], stages=stages,
                date_is=None if began else ("recorded" if resource.get("recordedDate") else None),
                partial_date=partial, partial_end=end_partial,
                onset=resource.get("onsetString"), date_state="partial" if partial else None,
            ),
        }
    ]  # fmt: skip


def observation_rows(resource: Json) -> list[Row]:
    """An Observation and its components, one row each; they share ``group_uid``."""
    if resource.get("status") == _VOID:
        return []
    categories = [concept(one)[0] for one in resource.get("category", [])]
    began, ended = period(resource, "effective")
    date, partial = when(began)
    shared: Row = {
        "group": next((one for one in categories if one), "observation"),
        "group_uid": resource.get("id"), "date": date,
        "method": concept(resource.get("method"))[0],
        "site": concept(resource.get("bodySite"))[0],
        "site_code": code_text(resource.get("bodySite")),
    }  # fmt: skip
    common = {
        "id": resource.get("id"), "status": resource.get("status"), "partial_date": partial,
        "date_state": "partial" if partial else None, "end": ended,
        "note": [one.get("text") for one in resource.get("note", [])],
    }  # fmt: skip
    parts = resource.get("component", [])
    rows = [] if parts and not _has_value(resource) else [_observed(resource, shared, common)]
    return rows + [_observed(part, shared, {**common, "component": True}) for part in parts]


def _observed(resource: Json, shared: Row, common: Row) -> Row:
    name, _, _ = concept(resource.get("code"))
    value, number, unit = measured(resource)
    reason = _status(resource.get("dataAbsentReason"))
    finding = resource.get("valueCodeableConcept")
    state = "present" if value is not None else _ABSENT.get(reason or "", "unknown")
    return {
        **shared, "name": name or "observation", "code": code_text(resource.get("code")),
        "value": value, "number": number, "unit": unit, "state": state,
        "finding": concept(finding)[0], "finding_code": code_text(finding),
        "detail": detail(
            **common, codes=others(resource.get("code")), absent_because=reason,
            interpretation=[concept(one)[0] for one in resource.get("interpretation", [])],
            reference=[_range(one) for one in resource.get("referenceRange", [])],
        ),
    }  # fmt: skip


def imaging_rows(resource: Json) -> list[Row]:
    """An ImagingStudy as an event; its detail has the UIDs that images are known by."""
    if resource.get("status") == _VOID:
        return []
    uids = [one.get("value", "") for one in resource.get("identifier", [])]
    study = next((one.removeprefix("urn:oid:") for one in uids if one.startswith("urn:oid:")), None)
    date, partial = when(resource.get("started"))
    modalities = [one.get("code") for one in resource.get("modality", [])]
    series = [
        {
            "uid": one.get("uid"), "modality": (one.get("modality") or {}).get("code"),
            "description": one.get("description"), "instances": one.get("numberOfInstances"),
            "site": (one.get("bodySite") or {}).get("display"),
        }
        for one in resource.get("series", [])
    ]  # fmt: skip
    modalities += [one["modality"] for one in series if one["modality"] not in modalities]
    return [
        {
            "kind": "imaging study",
            "name": resource.get("description") or ", ".join(filter(None, modalities)) or "study",
            "value": ", ".join(dict.fromkeys(filter(None, modalities))) or None,
            "code": study, "code_scheme": "StudyInstanceUID" if study else None,
            "state": "not acquired" if resource.get("status") == "cancelled" else "present",
            "date": date,
            "detail": detail(
                id=resource.get("id"), study_uid=study, series=series, partial_date=partial,
                identifiers=uids, date_state="partial" if partial else None,
            ),
        }
    ]  # fmt: skip


def report_event(resource: Json) -> list[Row]:
    """A DiagnosticReport as an event; its texts are told by `fhir_texts`."""
    if resource.get("status") == _VOID:
        return []
    name, code, scheme = concept(resource.get("code"))
    began, ended = period(resource, "effective")
    date, partial = when(began or resource.get("issued"))
    named = [concept(one) for one in resource.get("conclusionCode", [])]
    return [
        {
            "kind": "report", "name": name or "report", "code": code, "code_scheme": scheme,
            "value": "; ".join(words for words, _, _ in named if words) or None,
            "state": "present", "date": date, "end_date": when(ended)[0],
            "detail": detail(
                id=resource.get("id"), status=resource.get("status"), partial_date=partial,
                category=[concept(one)[0] for one in resource.get("category", [])],
                conclusion_codes=[code_text(one) for one in resource.get("conclusionCode", [])],
                results=[one.get("reference") for one in resource.get("result", [])],
                imaging=[one.get("reference") for one in resource.get("imagingStudy", [])],
                date_state="partial" if partial else None,
            ),
        }
    ]  # fmt: skip


def _status(value: Json | None) -> str | None:
    return concept(value)[1]


def _has_value(resource: Json) -> bool:
    return "dataAbsentReason" in resource or any(name.startswith("value") for name in resource)


def _range(value: Json) -> str | None:
    if value.get("text"):
        return str(value["text"])
    low, high = (value.get(name) or {} for name in ("low", "high"))
    said = f"{low.get('value', '')} - {high.get('value', '')} {(low or high).get('unit', '')}"
    return said.strip() if low or high else None
