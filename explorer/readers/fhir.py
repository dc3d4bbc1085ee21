"""FHIR R4B: Bundles, single resources, and NDJSON as of Bulk Data."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

from explorer.draft import FileStatus, Grid, Header, PatientHint, Reading, Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.each_table import each_table
from explorer.readers.fhir_document import FHIR_BYTES, READ, Entry, fhir_document
from explorer.readers.fhir_people import FhirPeople, fhir_people, made_up
from explorer.readers.fhir_resources import (
    condition_rows,
    imaging_rows,
    observation_rows,
    report_event,
)
from explorer.readers.fhir_texts import fhir_texts
from explorer.readers.fhir_values import when
from explorer.records_draft import RecordsDraft, TablesReading

_LINES = (".ndjson", ".jsonl")
_HEAD = 1 << 16
_SAID = 3


class FhirReader:
    """Reads FHIR: conditions and studies as events, observations, reports as texts.

    A Bundle may hold several patients. The NDJSON files of one folder are one export and are
    read together. Names, addresses and telephone numbers are not taken.
    """

    name = "fhir"

    def peek(self, source: Source) -> Header | None:
        """Claim JSON files with a resourceType.

        Raises
        ------
        FileRefusedError
            It is too large.
        """
        name = source.path.name.lower()
        if not name.endswith((".json", *_LINES)):
            return None
        with source.path.open("rb") as file:
            start = file.read(_HEAD)
        if (
            not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
            or b'"resourceType"' not in start
        ):
            return None
        if source.size > FHIR_BYTES:
            raise FileRefusedError(f"The file is larger than {FHIR_BYTES >> 20} MiB", do="split it")
        group = source.uri
        if name.endswith(_LINES):
            group = str(PurePosixPath(source.uri.replace("\\", "/")).parent)
        return Header(source, self.name, "table", f"{self.name}:{group}", PatientHint(None))

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Read a group; it is of many patients, so ingest calls `read_tables`."""
        reading = self.read_tables(headers)
        return Reading(list(reading.drafts), reading.statuses)

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn the files of a group into records of its patients."""
        parsed: dict[str, list[Entry]] = {}

        def parse(header: Header, reading: TablesReading) -> FileStatus:
            parsed[header.source.uri] = fhir_document(header.source.path.read_bytes())
            return FileStatus(header.source.uri, "ingested")

        first = each_table(headers, parse)
        refused = {one.uri: one for one in first.statuses if one.status == "refused"}
        people = fhir_people(one for entries in parsed.values() for one in entries)

        def turn(header: Header, reading: TablesReading) -> FileStatus:
            uri = header.source.uri
            return refused.get(uri) or _turn(header.source, parsed[uri], people, reading)

        return each_table(headers, turn)


def _turn(
    source: Source, entries: list[Entry], people: FhirPeople, reading: TablesReading
) -> FileStatus:
    item = item_id("fhir", source.uri)
    drafts: dict[str, RecordsDraft] = {}
    taken: Counter[str] = Counter()
    left: Counter[str] = Counter()
    problems: list[str] = []
    for entry in entries:
        if entry.fault is not None:
            reading.faults.append(
                {"file": source.uri, "row": entry.number, "column": None, "found": entry.fault,
                 "expected": "a resource of FHIR R4B"}
            )  # fmt: skip
            continue
        if entry.kind not in READ:
            left[entry.kind] += 1
            continue
        index = _whose(entry, people)
        if index is None:
            problems.append(f"{entry.kind} {entry.number} is of no patient in the file")
            continue
        hint = people.hints[index]
        name = str(hint.identifier)
        draft = drafts.setdefault(name, RecordsDraft(item, source.path.name, [source], hint))
        problems += _fill(draft, entry, source)
        taken[entry.kind] += 1
    reading.drafts += drafts.values()
    faults = sum(entry.fault is not None for entry in entries)
    if faults and not taken:
        why = next(entry.fault for entry in entries if entry.fault)
        raise FileRefusedError(f"No resource could be read: {why}")
    told = _told(taken, left, faults, problems)
    if not taken and not problems:
        return FileStatus(source.uri, "skipped", told)
    return FileStatus(source.uri, "ingested", told, item)


def _whose(entry: Entry, people: FhirPeople) -> int | None:
    if entry.kind != "Patient":
        return people.of(entry.resource)
    return next((i for i, one in enumerate(people.resources) if one is entry.resource), None)


def _fill(draft: RecordsDraft, entry: Entry, source: Source) -> list[str]:
    """Put the rows of a resource into its patient's draft; tells what could not be taken."""
    resource = entry.resource
    problems: list[str] = []
    if entry.kind == "Patient":
        draft.attributes |= {
            "sex": draft.patient and draft.patient.sex,
            "birth_date": draft.patient and draft.patient.birth_date,
        }
        draft.synthetic = draft.synthetic or made_up(resource)
        _, partial = when(resource.get("birthDate"))
        if partial:
            draft.facts.append(
                {"name": "birth date", "value": partial, "state": "present", "row": entry.number}
            )
        events = _death(resource.get("deceasedDateTime"), resource.get("deceasedBoolean"))
    elif entry.kind == "Condition":
        events = condition_rows(resource)
    elif entry.kind == "ImagingStudy":
        events = imaging_rows(resource)
    elif entry.kind == "DiagnosticReport":
        events = report_event(resource)
        if events:
            texts, problems = fhir_texts(resource, source, entry.number)
            draft.texts += texts
    else:
        events = []
        draft.observations += [{**r, "row": entry.number} for r in observation_rows(resource)]
    draft.events += [{**row, "row": entry.number} for row in events]
    return problems


def _death(at: str | None, dead: bool | None) -> list[dict[str, object]]:
    if not at and not dead:
        return []
    date, partial = when(at)
    return [
        {
            "kind": "death", "name": "death", "state": "present", "date": date, "value": partial,
        }
    ]  # fmt: skip


def _told(taken: Counter[str], left: Counter[str], faults: int, problems: list[str]) -> str:
    said = [", ".join(f"{count} {kind}" for kind, count in sorted(taken.items())) or "nothing"]
    if left:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(left.items())[:8])
        said.append(f"not read: {kinds}")
    if faults:
        said.append(f"{faults} resources are no R4B and are left out")
    said += problems[:_SAID]
    if len(problems) > _SAID:
        said.append(f"and {len(problems) - _SAID} more")
    return "; ".join(said)
