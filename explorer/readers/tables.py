"""Tables of clinical, outcome and genomic data: CSV, TSV, Parquet, XLSX."""

from __future__ import annotations

from typing import Any

from explorer.draft import FileStatus, Grid, Header, PatientHint, Reading, Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.apply_map import entry_for, meaning_of
from explorer.readers.check_table import check_table
from explorer.readers.guess_identifier import TCGA_PART
from explorer.readers.guess_table import table_stem
from explorer.readers.one_file import describe
from explorer.readers.show_meaning import show_meaning
from explorer.readers.table_file import read_table_file, table_kind
from explorer.readers.table_map import read_map, write_map
from explorer.readers.table_meaning import Meaning
from explorer.readers.table_rows import table_rows
from explorer.readers.table_sheet import Fault, Sheet
from explorer.readers.table_vectors import are_patients, table_vectors, turned_vectors
from explorer.records_draft import RecordsDraft, TablesReading

_MOST_CELLS = 6_000_000
_SAID = 3


class TablesReader:
    """Reads tables: one row a patient or an event, or features in rows and samples in columns."""

    name = "tables"

    def peek(self, source: Source) -> Header | None:
        """Claim files by the end of their names and their first bytes.

        Raises
        ------
        FileRefusedError
            It is called a table and is none, or one of a kind that is not read.
        """
        with source.path.open("rb") as file:
            kind = table_kind(source.path.name, file.read(16))
        if kind is None:
            return None
        detail = {"kind": kind}
        return Header(
            source, self.name, "table", f"tables:{source.uri}", PatientHint(None), detail=detail
        )

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Refuse: a table is of many patients, and is read by `read_tables`."""
        reason = "a table is read for all its patients at once"
        return Reading([], [FileStatus(h.source.uri, "refused", reason) for h in headers])

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn tables into records, each with its patient.

        Parameters
        ----------
        headers : list of Header
            `detail` may have ``map``: the YAML that speaks of the file.

        Returns
        -------
        TablesReading
        """
        reading = TablesReading([], [])
        for header in headers:
            try:
                _read(header, reading)
            except FileRefusedError as error:
                reading.statuses.append(FileStatus(header.source.uri, "refused", error.message))
            except MemoryError:
                reason = "The table needs more memory than there is"
                reading.statuses.append(FileStatus(header.source.uri, "refused", reason))
            except Exception as error:  # noqa: BLE001 - one bad file never stops an ingest
                reason = f"The table is broken: {describe(error)}"
                reading.statuses.append(FileStatus(header.source.uri, "refused", reason))
        return reading


class _Drafts:
    """The drafts of one file, one a patient."""

    def __init__(self, source: Source, synthetic: bool) -> None:
        self._source = source
        self.name = source.path.name
        self.item = item_id("table", source.uri)
        self.synthetic = synthetic
        self.made: dict[str, RecordsDraft] = {}

    def __call__(self, patient: str) -> RecordsDraft:
        if patient not in self.made:
            self.made[patient] = RecordsDraft(
                self.item, self._source.path.name, [self._source], PatientHint(patient),
                synthetic=self.synthetic,
            )  # fmt: skip
        return self.made[patient]


def _read(header: Header, reading: TablesReading) -> None:
    source = header.source
    entries = read_map(header.detail["map"], "the map") if header.detail.get("map") else []
    of_file = entry_for(entries, source.relative, None)
    sheets = read_table_file(
        source.path,
        header.detail["kind"],
        separator=of_file.separator if of_file else None,
        encoding=of_file.encoding if of_file else None,
    )
    drafts = _Drafts(source, any(one.synthetic for one in entries))
    meanings: list[Meaning] = []
    faults: list[Fault] = []
    said: list[str] = []
    refused: list[str] = []
    for sheet in sheets:
        try:
            meaning = meaning_of(
                sheet, source.path.name, entry_for(entries, source.relative, sheet.name)
            )
            found, notes = _take(sheet, meaning, drafts)
        except FileRefusedError as error:
            if len(sheets) == 1:
                raise
            refused.append(f"sheet {sheet.name!r}: {error.message}")
            continue
        meanings.append(meaning)
        faults += found
        said += notes
        reading.shown += show_meaning(sheet, meaning, source.uri)
        reading.faults += [_fault(source.uri, sheet, fault) for fault in found]
    if not meanings:
        raise FileRefusedError("No sheet can be taken: " + " ".join(refused))
    reading.drafts += drafts.made.values()
    reading.mappings.append(
        {"origin": drafts.item, "name": source.relative, "text": write_map(meanings)}
    )
    reason = _reason(sheets, drafts, faults, [*said, *refused])
    reading.statuses.append(FileStatus(source.uri, "ingested", reason, drafts.item))


def _take(sheet: Sheet, meaning: Meaning, drafts: _Drafts) -> tuple[list[Fault], list[str]]:
    if meaning.rows == "features":
        columns = meaning.vectors[0].columns
        if meaning.by == "guess" and not are_patients(columns):
            raise FileRefusedError(
                "The columns name samples, which are not patients",
                expected="a map that says what of the names is the patient",
                do=f"say in a map: rows: features, features: {meaning.features}, "
                f"identifier: {{part: '{TCGA_PART}'}}",
            )
        faults, notes = turned_vectors(sheet, meaning, drafts)
        return [*sheet.faults, *faults], [*meaning.notes, *notes]
    cells = sheet.data.num_rows * sum(one.kind != "skip" for one in meaning.columns.values())
    if cells > _MOST_CELLS:
        raise FileRefusedError(
            f"{cells} cells would be facts",
            expected=f"at most {_MOST_CELLS}",
            do="say in a map which columns are vectors and which to skip",
        )
    checked = check_table(sheet, meaning)
    table_rows(sheet, meaning, checked, drafts, table_stem(drafts.name))
    faults, notes = table_vectors(sheet, meaning, checked.patients, drafts)
    if not any(checked.patients):
        raise FileRefusedError("No row has a patient's identifier")
    return [*checked.faults, *faults], [*meaning.notes, *notes]


def _fault(uri: str, sheet: Sheet, fault: Fault) -> dict[str, Any]:
    return {
        "file": uri, "sheet": sheet.name, "row": fault.row, "column": fault.column,
        "found": fault.found, "expected": fault.expected,
    }  # fmt: skip


def _reason(sheets: list[Sheet], drafts: _Drafts, faults: list[Fault], notes: list[str]) -> str:
    rows = sum(sheet.data.num_rows for sheet in sheets)
    parts = [f"{rows} rows, {len(drafts.made)} patients, {sheets[0].how}"]
    if faults:
        first = "; ".join(fault.text() for fault in faults[:_SAID])
        more = ", ..." if len(faults) > _SAID else ""
        parts.append(f"{len(faults)} faults: {first}{more}")
    return "; ".join([*parts, *notes])
