"""BIDS and folders laid out like it: participants, sessions, and what was not acquired.

Brain Imaging Data Structure 1.10 (https://bids-specification.readthedocs.io).
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from explorer.draft import FileStatus, Grid, Header, PatientHint, Reading, Source
from explorer.errors import FileRefusedError
from explorer.readers.bids_tree import BidsTree, bids_tree
from explorer.readers.csv_head import csv_head
from explorer.readers.one_file import describe
from explorer.readers.patient_drafts import PatientDrafts, number, set_once, sex
from explorer.readers.table_sheet import Sheet
from explorer.readers.table_text import read_text_table
from explorer.records_draft import TablesReading

_LAYOUT = "BIDS"
_DESCRIPTION = "dataset_description.json"
_DESCRIPTION_BYTES = 4 << 20
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NONE = "n/a"  # BIDS' word for a value that is missing


class BidsReader:
    """Reads ``participants.tsv``, ``sessions.tsv``, ``scans.tsv`` and the data set's description.

    A kind of data (``perf``, ``dwi``) that other sessions of the data set have and one has not is
    'not acquired' only where the layout says so: the session's ``scans.tsv`` lists its
    acquisitions and none of that kind, or ``sessions.tsv`` has ``n/a`` in a column of that name.
    Else it is 'unknown'.
    """

    name = "bids"

    def peek(self, source: Source) -> Header | None:
        """Claim the files that BIDS names, by name and first column."""
        kind = _kind(source.path)
        if kind is None:
            return None
        up = {"description": 0, "participants": 0}.get(kind)
        root = _root(source.path) if up is None else source.path.parent
        detail = {"table": kind, "root": str(root)}
        if kind == "description":
            # read again when sessions come or go, though this file stays as it is
            text = json.dumps(sorted(map(list, bids_tree(root).kinds())))
            detail["reading"] = f"bids:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        return Header(
            source, self.name, "table", f"{self.name}:{root}", PatientHint(None), detail=detail
        )

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Refuse: a table is of many patients, and is read by `read_tables`."""
        reason = "a table is read for all its patients at once"
        return Reading([], [FileStatus(h.source.uri, "refused", reason) for h in headers])

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn the tables of one data set into records, each with its patient."""
        reading = TablesReading([], [])
        for header in headers:
            source, kind = header.source, header.detail["table"]
            drafts = PatientDrafts(source, _LAYOUT)
            root = Path(header.detail["root"])
            try:
                if kind == "description":
                    _availability(bids_tree(root), drafts)
                elif kind == "participants":
                    _participants(read_text_table(source.path, False, "\t"), drafts)
                elif kind == "sessions":
                    _sessions(source.path, drafts)
                else:
                    _scans(source.path, drafts)
            except FileRefusedError as error:
                reading.statuses.append(FileStatus(source.uri, "refused", error.message))
                continue
            except Exception as error:  # noqa: BLE001 - hostile bytes make parsers raise anything
                reason = f"The table is broken: {describe(error)}"
                reading.statuses.append(FileStatus(source.uri, "refused", reason))
                continue
            reading.drafts += drafts.made.values()
            reading.faults += drafts.faults
            reading.statuses.append(
                FileStatus(source.uri, "ingested", drafts.reason(), drafts.item)
            )
        return reading


def _kind(path: Path) -> str | None:
    name = path.name
    if name == _DESCRIPTION:
        if path.stat().st_size > _DESCRIPTION_BYTES:
            return None
        try:
            said = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return "description" if isinstance(said, dict) and "BIDSVersion" in said else None
    first = {"participants.tsv": "participant_id"}.get(name)
    if name.endswith("sessions.tsv"):
        first = "session_id"
    elif name.endswith("scans.tsv"):
        first = "filename"
    head = csv_head(path) if first else []
    if not head or head[0] != first:
        return None
    if first != "participant_id" and _subject(path) is None:
        return None
    return {"participant_id": "participants", "session_id": "sessions", "filename": "scans"}[first]


def _subject(path: Path) -> str | None:
    parts = [path.name.split("_")[0], *(p.name for p in list(path.parents)[:3])]
    return next((one for one in parts if re.fullmatch(r"sub-[0-9A-Za-z]+", one)), None)


def _session(path: Path) -> str | None:
    words = [*path.name.split("_"), *(p.name for p in list(path.parents)[:2])]
    return next((one for one in words if re.fullmatch(r"ses-[0-9A-Za-z]+", one)), None)


def _root(path: Path) -> Path:
    subject = _subject(path)
    return next((p.parent for p in path.parents if p.name == subject), path.parent)


def _participants(sheet: Sheet, drafts: PatientDrafts) -> None:
    drafts.sheet_faults(sheet)
    columns = {name: sheet.texts(name) for name in sheet.columns}
    for k, row in enumerate(sheet.row_numbers()):
        subject = columns[sheet.columns[0]][k] or ""
        if not re.fullmatch(r"sub-[0-9A-Za-z]+", subject):
            drafts.fault(row, sheet.columns[0], subject, "sub-<label>")
            continue
        draft = drafts(subject)
        for name, cells in list(columns.items())[1:]:
            cell = cells[k]
            if cell is None:
                continue
            missing = cell == _NONE
            draft.facts.append(
                {
                    "name": name, "value": None if missing else cell, "column": name, "row": row,
                    "number": number(cell), "unit": "years" if name == "age" else None,
                    "state": "unknown" if missing else "present",
                }
            )  # fmt: skip
            if name == "sex":
                set_once(draft.attributes, "sex", sex(cell))


def _sessions(path: Path, drafts: PatientDrafts) -> None:
    sheet = read_text_table(path, False, "\t")
    drafts.sheet_faults(sheet)
    columns = {name: sheet.texts(name) for name in sheet.columns}
    for k, row in enumerate(sheet.row_numbers()):
        session = columns["session_id"][k] or ""
        more = {name: cells[k] for name, cells in columns.items() if cells[k] is not None}
        drafts(_subject(path) or "").events.append(
            {
                "kind": "session", "name": session, "state": "present", "row": row,
                "date": _date(more.get("acq_time")), "detail": json.dumps(more),
            }
        )  # fmt: skip


def _scans(path: Path, drafts: PatientDrafts) -> None:
    sheet = read_text_table(path, False, "\t")
    drafts.sheet_faults(sheet)
    columns = {name: sheet.texts(name) for name in sheet.columns}
    for k, row in enumerate(sheet.row_numbers()):
        more = {name: cells[k] for name, cells in columns.items() if cells[k] is not None}
        drafts(_subject(path) or "").events.append(
            {
                "kind": "scan", "name": more.get("filename") or "", "state": "present",
                "value": _session(path), "row": row, "date": _date(more.get("acq_time")),
                "detail": json.dumps(more),
            }
        )  # fmt: skip


def _date(cell: str | None) -> str | None:
    found = _DATE.match(cell or "")
    return found.group() if found else None


def _availability(tree: BidsTree, drafts: PatientDrafts) -> None:
    for subject, session, kind, state, why in tree.states():
        drafts(subject).events.append(
            {
                "kind": "acquisition", "name": kind, "value": session, "state": state,
                "detail": json.dumps({"session": session, "why": why}),
            }
        )  # fmt: skip
