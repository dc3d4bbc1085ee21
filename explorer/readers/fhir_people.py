"""Whose a FHIR resource is: references resolved inside of the file, and nowhere else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from explorer.draft import PatientHint
from explorer.readers.fhir_document import Entry
from explorer.readers.fhir_values import Json, concept, when

_SYNTHEA = "https://github.com/synthetichealth/synthea"
_SEX = {"male": "M", "female": "F", "other": "O"}


@dataclass
class FhirPeople:
    """The patients of a set of resources.

    Attributes
    ----------
    hints : list of PatientHint
        One a person; the issuer is the identifier's system.
    resources : list of dict
        Of each person, the Patient.
    """

    hints: list[PatientHint] = field(default_factory=list)
    resources: list[Json] = field(default_factory=list)
    _by_reference: dict[str, int] = field(default_factory=dict)
    _by_identifier: dict[tuple[str | None, str], set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def of(self, resource: Json) -> int | None:
        """Index of the person that a resource is of; None where the file does not say it.

        A reference is a fullUrl or ``Patient/id``; a logical one counts where exactly one patient
        has the same identifier of the same system.
        """
        subject = resource.get("subject") or resource.get("patient") or {}
        reference = subject.get("reference")
        said = subject.get("identifier") or {}
        if isinstance(reference, str) and not reference.startswith("Patient?identifier="):
            return self._by_reference.get(reference.partition("/_history/")[0])
        if isinstance(reference, str):  # a conditional reference, as in transactions
            system, _, value = unquote(reference.partition("=")[2]).rpartition("|")
            said = {"system": system or None, "value": value}
        if not said.get("value"):
            return None
        found = self._by_identifier.get((said.get("system"), said["value"]), set())
        return next(iter(found)) if len(found) == 1 else None


def fhir_people(entries: Iterable[Entry]) -> FhirPeople:
    """Find the patients.

    The identifier is the medical record number (type MR), else the usual or first one with a
    value, else the resource's id. Where two persons have the same under different systems, the
    system stands before it.

    Parameters
    ----------
    entries : iterable of Entry
        Those that are no Patient are passed over.

    Returns
    -------
    FhirPeople
    """
    found = FhirPeople()
    chosen: list[tuple[str | None, str]] = []
    for entry in entries:
        if entry.kind != "Patient":
            continue
        system, value = _identifier(entry.resource, entry.url or f"entry {entry.number}")
        index = len(chosen)
        chosen.append((system, value))
        found.resources.append(entry.resource)
        for name in (entry.url, f"Patient/{entry.resource.get('id')}"):
            if name:
                found._by_reference.setdefault(name, index)
        for one in entry.resource.get("identifier", []):
            if one.get("value"):
                found._by_identifier[one.get("system"), one["value"]].add(index)
    shared = Counter(value for _, value in set(chosen))
    for (system, value), resource in zip(chosen, found.resources, strict=True):
        named = f"{system or ''}|{value}" if shared[value] > 1 else value
        born, _ = when(resource.get("birthDate"))
        sex = _SEX.get(resource.get("gender", ""))
        found.hints.append(PatientHint(named, system, sex, born))
    return found


def _identifier(resource: Mapping[str, object], otherwise: str) -> tuple[str | None, str]:
    listed = resource.get("identifier")
    have = [one for one in listed if one.get("value")] if isinstance(listed, list) else []
    ranked = sorted(have, key=lambda one: (concept(one.get("type"))[1] != "MR", _use(one)))
    if ranked:
        return ranked[0].get("system"), str(ranked[0]["value"])
    return None, str(resource.get("id") or otherwise)


def _use(identifier: Json) -> int:
    order = {"usual": 0, "official": 1, None: 2, "secondary": 3, "temp": 4, "old": 5}
    return order.get(identifier.get("use"), 2)


def made_up(patient: Json) -> bool:
    """Tell whether a Patient says that it is test data (HTEST) or Synthea's."""
    meta = patient.get("meta") or {}
    labels = [*meta.get("security", []), *meta.get("tag", [])]
    systems = [one.get("system") for one in patient.get("identifier", [])]
    return any(one.get("code") == "HTEST" for one in labels) or _SYNTHEA in systems
