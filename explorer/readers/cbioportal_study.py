"""The files of one cBioPortal study, put together: samples to their patients."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from explorer.draft import FileStatus, Header, PatientHint, Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.cbioportal_clinical import Clinical, cbioportal_clinical
from explorer.readers.cbioportal_profile import cbioportal_profile
from explorer.readers.cbioportal_timeline import cbioportal_timeline
from explorer.readers.each_table import each_table
from explorer.readers.mutation_rows import mutation_rows, of_sample
from explorer.readers.plain_text import plain_text
from explorer.readers.report_rows import detail
from explorer.readers.tab_lines import TabLines, tab_lines
from explorer.readers.table_vectors import features_id
from explorer.records_draft import RecordsDraft, TablesReading

Row = dict[str, Any]
_ORDER = (
    "meta",
    "clinical_sample",
    "clinical",
    "clinical_patient",
    "mutations",
    "profile",
    "timeline",
)
_META_BYTES = 1 << 20


def read_study(headers: list[Header]) -> TablesReading:
    """Read the files of one study.

    A sample's rows go to the patient that the samples' file names; rows of a sample that it does
    not name are left out, and counted.

    Parameters
    ----------
    headers : list of Header
        ``detail['kind']`` says what each is.

    Returns
    -------
    TablesReading
        One status a header. Every row of a file has that file as its origin.
    """
    study = _Study()
    ordered = sorted(headers, key=lambda one: (_ORDER.index(one.detail["kind"]), one.source.uri))
    reading = each_table(ordered, study.read)
    place = {header.source.uri: i for i, header in enumerate(headers)}
    reading.statuses.sort(key=lambda status: place[status.uri])
    return reading


@dataclass
class _Study:
    """What is known of a study while its files are read, in the order of `_ORDER`."""

    samples: dict[str, str] = field(default_factory=dict)
    meta: dict[str, dict[str, str]] = field(default_factory=dict)

    def read(self, header: Header, reading: TablesReading) -> FileStatus:
        source, kind = header.source, header.detail["kind"]
        if kind == "meta":
            return self._meta(source)
        lines = tab_lines(source.path)
        drafts = _Drafts(source)
        if kind.startswith("clinical"):
            note = self._clinical(cbioportal_clinical(lines), drafts, reading)
        elif kind == "timeline":
            found = cbioportal_timeline(lines)
            for patient, events in found.items():
                drafts(patient).events += events
            note = f"{sum(map(len, found.values()))} events of {len(found)} patients"
        elif kind == "mutations":
            note = self._mutations(lines, drafts)
        else:
            note = self._profile(lines, drafts)
        reading.drafts += drafts.made.values()
        reading.faults += [
            {"file": source.uri, "row": f.row, "column": f.column, "found": f.found,
             "expected": f.expected}
            for f in lines.faults
        ]  # fmt: skip
        if lines.faults:
            note += f"; {len(lines.faults)} rows or cells are not what they should be"
        return FileStatus(source.uri, "ingested", note, drafts.item)

    def _meta(self, source: Source) -> FileStatus:
        if source.size > _META_BYTES:
            raise FileRefusedError("The meta file is larger than any real one")
        said: dict[str, str] = {}
        for line in plain_text(source.path.read_bytes()).text.splitlines():
            name, mark, value = line.partition(":")
            if mark:
                said[name.strip().lower()] = value.strip()
        name = said.get("data_filename") or source.path.name
        self.meta[name] = said
        return FileStatus(source.uri, "ingested", f"describes {name}")

    def _clinical(self, found: Clinical, drafts: _Drafts, reading: TablesReading) -> str:
        self.samples |= found.samples
        for patient, facts in found.facts.items():
            draft = drafts(patient)
            draft.facts += facts
            draft.events += found.events[patient]
            draft.attributes |= found.attributes[patient]
        for column, head in found.heads.items():
            if head:
                reading.shown.append(
                    {
                        "file": drafts.source.uri, "column": column,
                        "meaning": head.get("name") or column, "why": head.get("description", ""),
                    }
                )  # fmt: skip
        return f"{len(found.facts)} patients" + (
            f", {len(found.samples)} samples" if found.samples else ""
        )

    def _mutations(self, lines: TabLines, drafts: _Drafts) -> str:
        found = mutation_rows(lines)
        lost = 0
        several = Counter(self.samples[one] for one in found.events if one in self.samples)
        for sample, events in found.events.items():
            patient = self.samples.get(sample)
            if patient is None:
                lost += len(events)
                continue
            draft = drafts(patient)
            facts, vectors = found.facts[sample], found.vectors[sample]
            if several[patient] > 1:
                facts, vectors = of_sample(facts, sample), of_sample(vectors, sample)
            draft.events += events
            draft.facts += facts
            draft.vectors += vectors
            draft.features |= found.features
        calls = sum(map(len, found.events.values())) - lost
        return "; ".join([f"{calls} calls", *_lost(lost, "calls"), *found.notes[:3]])

    def _profile(self, lines: TabLines, drafts: _Drafts) -> str:
        name = drafts.source.path.name
        about = self.meta.get(name, {})
        called = about.get("stable_id") or PurePosixPath(name).stem.removeprefix("data_")
        found = cbioportal_profile(lines)
        key = features_id("genes", found.genes)
        whose = [self.samples.get(sample) for sample in found.samples]
        for sample, patient, values in zip(found.samples, whose, found.values, strict=True):
            if patient is None:
                continue
            draft = drafts(patient)
            draft.features[key] = ("genes", found.genes)
            draft.vectors.append(
                {
                    "name": called if whose.count(patient) == 1 else f"{called} of {sample}",
                    "features": key, "values": values.tolist(), "state": "present",
                    "producer": detail(
                        sample=sample, profile=about.get("profile_name"),
                        datatype=about.get("datatype"),
                        alteration=about.get("genetic_alteration_type"),
                    ),
                }
            )  # fmt: skip
        lost = whose.count(None)
        note = f"{len(found.genes)} genes of {len(whose) - lost} samples"
        odd = [f"{found.odd} cells are no numbers"] if found.odd else []
        return "; ".join([note, *_lost(lost, "samples"), *odd])


def _lost(count: int, what: str) -> list[str]:
    said = f"{count} {what} of samples that the study's samples' file does not name are left out"
    return [said] if count else []


class _Drafts:
    """The drafts of one file, one a patient."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.item = item_id("cbioportal", source.uri)
        self.made: dict[str, RecordsDraft] = {}

    def __call__(self, patient: str) -> RecordsDraft:
        if patient not in self.made:
            self.made[patient] = RecordsDraft(
                self.item, self.source.path.name, [self.source], PatientHint(patient)
            )
        return self.made[patient]
