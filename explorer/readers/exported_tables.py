"""Record tables that oncograph has exported: rows go back as they were, typed, with their places.

`oncograph-tables.json` beside them says which file is which table.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from explorer.draft import FileStatus, Grid, Header, PatientHint, Reading
from explorer.errors import FileRefusedError, FileSkippedError
from explorer.layout import ORIGIN_TABLES, RECORDS, ROW_NAMES
from explorer.readers.finite_number import finite_number
from explorer.readers.one_file import describe
from explorer.readers.patient_drafts import PatientDrafts, set_once, sex
from explorer.readers.table_parquet import read_parquet_table
from explorer.readers.table_sheet import Sheet
from explorer.readers.table_text import read_text_table
from explorer.records_draft import TablesReading

INDEX = "oncograph-tables.json"
FORM = "oncograph tables"
_INDEX_BYTES = 1 << 20
_WHO = ("patient", "participant_id")
_FORMULA = re.compile(r"'[ ]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_OWN = {"day", "day_state", "origin", *ROW_NAMES}
_ABOUT = ("sex", "birth_date", "anchor_date", "anchor_kind", "anchor_source")


class ExportedTablesReader:
    """Reads facts, events, observations, vectors, texts and patients of an export."""

    name = "exported_tables"

    def peek(self, source: Any) -> Header | None:
        """Claim files that the index beside them lists.

        Raises
        ------
        FileSkippedError
            It is the index, or a table that follows from others.
        """
        path: Path = source.path
        if path.name == INDEX:
            raise FileSkippedError("it lists the tables beside it")
        if path.suffix.lower() not in (".csv", ".tsv", ".parquet"):
            return None
        table = listed(path.parent).get(path.name)
        if table is None:
            return None
        if table not in (*ORIGIN_TABLES, "attributes"):
            raise FileSkippedError("it follows from the files and tables beside it")
        return Header(
            source, self.name, "table", f"{self.name}:{source.uri}", PatientHint(None),
            detail={"table": table},
        )  # fmt: skip

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Refuse: a table is of many patients, and is read by `read_tables`."""
        reason = "a table is read for all its patients at once"
        return Reading([], [FileStatus(h.source.uri, "refused", reason) for h in headers])

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn tables into records, each with its patient."""
        reading = TablesReading([], [])
        for header in headers:
            uri = header.source.uri
            drafts = PatientDrafts(header.source, "oncograph export")
            try:
                _read(header, drafts)
            except FileRefusedError as error:
                reading.statuses.append(FileStatus(uri, "refused", error.message))
                continue
            except Exception as error:  # noqa: BLE001 - hostile bytes make parsers raise anything
                reason = f"The table is broken: {describe(error)}"
                reading.statuses.append(FileStatus(uri, "refused", reason))
                continue
            reading.drafts += drafts.made.values()
            reading.faults += drafts.faults
            reading.statuses.append(FileStatus(uri, "ingested", drafts.reason(), drafts.item))
        return reading


def listed(folder: Path) -> dict[str, str]:
    """File to table, of a folder that an export has written tables to."""
    path = folder / INDEX
    try:
        about = path.stat()
    except OSError:
        return {}
    return _listed(path, about.st_mtime_ns) if about.st_size <= _INDEX_BYTES else {}


@lru_cache(maxsize=64)
def _listed(path: Path, mtime_ns: int) -> dict[str, str]:
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    tables = said.get("tables") if isinstance(said, dict) and said.get("format") == FORM else None
    if not isinstance(tables, dict):
        return {}
    return {name: table for name, table in tables.items() if isinstance(table, str)}


def _sheet(path: Path) -> Sheet:
    if path.suffix.lower() == ".parquet":
        return read_parquet_table(path, path.name)
    return read_text_table(path, False, "," if path.suffix.lower() == ".csv" else "\t")


def _read(header: Header, drafts: PatientDrafts) -> None:
    path, table = header.source.path, header.detail["table"]
    sheet = _sheet(path)
    who = next((name for name in _WHO if name in sheet.columns), None)
    if who is None:
        raise FileRefusedError("No column names the patient", expected=_WHO[0])
    drafts.sheet_faults(sheet)
    text = path.suffix.lower() != ".parquet"
    columns = {name: sheet.texts(name) for name in sheet.columns}
    names = _ABOUT if table == "attributes" else tuple(RECORDS[table].names)
    kinds = {name: RECORDS[table].field(name).type for name in names}
    features = _features(path.parent) if table == "vectors" else {}
    for k, row in enumerate(sheet.row_numbers()):
        patient = _plain(columns[who][k], text)
        if not patient:
            drafts.fault(row, who, patient, "a patient")
            continue
        draft = drafts(patient)
        said = {name: _plain(columns[name][k], text) for name in names if name in columns}
        try:
            found = {name: _value(cell, kinds[name]) for name, cell in said.items()}
        except (ValueError, TypeError, RecursionError) as error:
            drafts.fault(row, "", describe(error), "what the table's columns hold")
            continue
        if table == "attributes":
            _attributes(draft, found)
            continue
        found = {name: value for name, value in found.items() if name not in _OWN}
        draft.rows(table).append(found)
        if found.get("features") in features:
            draft.features[found["features"]] = features[found["features"]]


def _attributes(draft: Any, found: dict[str, Any]) -> None:
    set_once(draft.attributes, "sex", sex(found.get("sex")))
    set_once(draft.attributes, "birth_date", found.get("birth_date"))
    if found.get("anchor_kind"):
        for name in ("anchor_date", "anchor_kind", "anchor_source"):
            set_once(draft.attributes, name, found.get(name))


def _plain(cell: str | None, text: bool) -> str | None:
    """A cell without the apostrophe that kept it from being a formula."""
    return cell[1:] if text and cell and _FORMULA.match(cell) else cell


def _value(cell: str | None, kind: pa.DataType) -> Any:
    if cell is None:
        return None
    if pa.types.is_boolean(kind):
        return cell == "true"
    if pa.types.is_integer(kind):
        return int(cell)
    if pa.types.is_floating(kind):
        return finite_number(cell)
    if pa.types.is_list(kind):
        return pa.array([json.loads(cell)], kind).to_pylist()[0]
    return cell


def _features(folder: Path) -> dict[str, tuple[str, list[str]]]:
    name = next((one for one, table in listed(folder).items() if table == "features"), None)
    if name is None or Path(name).name != name or not (folder / name).is_file():
        return {}
    sheet = _sheet(folder / name)
    text = not name.endswith(".parquet")
    found = {}
    rows = zip(*(sheet.texts(one) for one in ("features", "name", "names")), strict=True)
    for features, of, names in rows:
        if features and names:
            listed_names = [str(one) for one in json.loads(names)]
            found[features] = (_plain(of, text) or "", listed_names)
    return found
