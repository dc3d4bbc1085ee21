"""MAF: somatic mutations of many samples (GDC MAF, TCGA's MAF 2.4 and what follows them)."""

from __future__ import annotations

from collections import Counter

from explorer.draft import FileStatus, Grid, Header, PatientHint, Reading, Source
from explorer.item_id import item_id
from explorer.readers.each_table import each_table
from explorer.readers.mutation_rows import is_maf, mutation_rows, of_sample
from explorer.readers.sample_patient import sample_patient
from explorer.readers.tab_lines import tab_head, tab_lines
from explorer.records_draft import RecordsDraft, TablesReading

_SUFFIXES = (".maf", ".maf.txt", ".maf.tsv")


class MafReader:
    """Reads the calls of a MAF, and counts them.

    Whose a call is, its Tumor_Sample_Barcode says: as it stands. That the first part of a barcode
    is the patient of other files is for a person to declare in a map (`sample_patient`), or to
    confirm when `match` proposes it.
    """

    name = "maf"

    def peek(self, source: Source) -> Header | None:
        """Claim files called MAF, and tab-separated ones with a MAF's columns."""
        name = source.path.name.lower().removesuffix(".gz")
        named = name.endswith(_SUFFIXES)
        if not named and not name.endswith((".tsv", ".txt")):
            return None
        if not is_maf(tab_head(source.path)) and not named:
            return None
        return Header(source, self.name, "table", f"{self.name}:{source.uri}", PatientHint(None))

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Read each file; a MAF is of many patients, so ingest calls `read_tables`."""
        reading = self.read_tables(headers)
        return Reading(list(reading.drafts), reading.statuses)

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn each file into records of its samples."""
        return each_table(headers, _read)


def _read(header: Header, reading: TablesReading) -> FileStatus:
    source = header.source
    lines = tab_lines(source.path)
    found = mutation_rows(lines)
    item = item_id("maf", source.uri)
    patient = sample_patient(header)
    whose = {sample: patient(sample) for sample in found.events}
    drafts = {
        one: RecordsDraft(item, source.path.name, [source], PatientHint(one))
        for one in whose.values()
    }
    several = Counter(whose.values())
    for sample, one in whose.items():
        facts, vectors = found.facts[sample], found.vectors[sample]
        if several[one] > 1:
            facts, vectors = of_sample(facts, sample), of_sample(vectors, sample)
        drafts[one].events += found.events[sample]
        drafts[one].facts += facts
        drafts[one].vectors += vectors
        drafts[one].features |= found.features
    reading.drafts += drafts.values()
    reading.faults += [
        {"file": source.uri, "row": f.row, "column": f.column, "found": f.found,
         "expected": f.expected}
        for f in lines.faults
    ]  # fmt: skip
    calls = sum(map(len, found.events.values()))
    said = [f"{calls} calls of {len(found.events)} samples"]
    if lines.faults:
        said.append(f"{len(lines.faults)} rows do not fit the head and are left out")
    return FileStatus(source.uri, "ingested", "; ".join([*said, *found.notes[:3]]), item)
