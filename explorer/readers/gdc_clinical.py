"""GDC clinical tables: clinical.tsv, exposure.tsv, follow_up.tsv, ... of a cart."""

from __future__ import annotations

from explorer.draft import FileStatus, Grid, Header, PatientHint, Reading, Source
from explorer.item_id import item_id
from explorer.readers.each_table import each_table
from explorer.readers.gdc_rows import CASES, gdc_rows
from explorer.readers.tab_lines import tab_head, tab_lines
from explorer.records_draft import RecordsDraft, TablesReading


class GdcClinicalReader:
    """Reads the clinical tables that the GDC portal gives for a cart of cases."""

    name = "gdc_clinical"

    def peek(self, source: Source) -> Header | None:
        """Claim tab-separated files with a column of GDC's case identifiers."""
        if not source.path.name.lower().removesuffix(".gz").endswith((".tsv", ".tsv.txt")):
            return None
        columns = set(tab_head(source.path))
        known = columns & {"project_id", "project.project_id", "case_id", "cases.case_id"}
        if not columns & set(CASES) or not known:
            return None
        return Header(source, self.name, "table", f"{self.name}:{source.uri}", PatientHint(None))

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Read each file; a table is of many patients, so ingest calls `read_tables`."""
        reading = self.read_tables(headers)
        return Reading(list(reading.drafts), reading.statuses)

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn each file into records of its cases."""
        return each_table(headers, _read)


def _read(header: Header, reading: TablesReading) -> FileStatus:
    source = header.source
    lines = tab_lines(source.path)
    cases = gdc_rows(lines)
    item = item_id("gdc", source.uri)
    for name, case in cases.items():
        reading.drafts.append(
            RecordsDraft(
                item, source.path.name, [source], PatientHint(name), facts=case.facts,
                events=case.events, attributes=case.attributes,
            )
        )  # fmt: skip
    reading.faults += [
        {"file": source.uri, "row": f.row, "column": f.column, "found": f.found,
         "expected": f.expected}
        for f in lines.faults
    ]  # fmt: skip
    note = f"{len(cases)} cases"
    if lines.faults:
        note += f"; {len(lines.faults)} rows do not fit the head and are left out"
    return FileStatus(source.uri, "ingested", note, item)
