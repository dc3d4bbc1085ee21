"""CheXpert (Irvin et al. 2019) and CheXpert Plus (Chambon et al. 2024): labels, reports, people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from explorer.draft import FileStatus, Grid, Header, PatientHint, Reading, Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.csv_head import csv_head
from explorer.readers.layouts import Placed
from explorer.readers.one_file import describe
from explorer.readers.patient_drafts import PatientDrafts, number, set_once, sex
from explorer.readers.table_text import read_text_table
from explorer.records_draft import RecordsDraft, TablesReading

_MODALITY = "CR"
_PATH = re.compile(r"(?:^|/)(patient\d{1,9})/(study\d{1,4})/(view\d{1,3}_(frontal|lateral))\.\w+$")
_LABELS = (
    "No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion",
    "Edema", "Consolidation", "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion",
    "Pleural Other", "Fracture", "Support Devices",
)  # fmt: skip
_SAID = {1.0: "present", 0.0: "absent", -1.0: "uncertain"}
_PERSON = (
    "race", "ethnicity", "interpreter_needed", "insurance_type", "recent_bmi", "deceased",
)  # fmt: skip
_AGES = ("Age", "age")
# What stands where something was taken out of a text: [DATE], <NAME>, [[ID]], ___
_TAG = re.compile(r"\[\[?[A-Z][A-Z0-9 _-]{1,40}\]\]?|<[A-Z][A-Z0-9 _-]{1,40}>|_{3,}|\*{3,}")


class ChexpertReader:
    """Reads the tables of CheXpert and CheXpert Plus.

    Labels become observations of their images (1 present, 0 absent, -1 uncertain; an empty cell
    was not mentioned, and nothing is recorded); a study's report one text, verbatim, with its
    sections and the tags that stand for what was taken out as addresses of characters.
    """

    name = "chexpert"

    def peek(self, source: Source) -> Header | None:
        """Claim the tables by their columns."""
        head = set(csv_head(source.path))
        plus = "path_to_image" in head
        if not (plus or {"Path", "Frontal/Lateral"} <= head):
            return None
        if not (plus or head & set(_LABELS)):
            return None
        return Header(source, self.name, "table", f"{self.name}:{source.uri}", PatientHint(None))

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Refuse: a table is of many patients, and is read by `read_tables`."""
        reason = "a table is read for all its patients at once"
        return Reading([], [FileStatus(h.source.uri, "refused", reason) for h in headers])

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn a table's rows into records, each with its patient."""
        reading = TablesReading([], [])
        for header in headers:
            source = header.source
            drafts = PatientDrafts(source, "CheXpert")
            try:
                _Table(source, drafts).read()
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


def place_chexpert(folder: Path, relative: str) -> Placed | None:
    """Say whose a picture is, by the path that only this layout has."""
    found = _PATH.search(relative)
    if found is None:
        return None
    patient, study, view, side = found.groups()
    return Placed(
        patient,
        ("chexpert", patient, study, view),
        _MODALITY,
        f"{study} {view}",
        meta={
            "layout": "CheXpert", "study": study, "view": side, "body_part": "CHEST",
            "modality_by": "the layout: radiographs, CR or DX is not told",
        },
        note="the patient is taken from CheXpert's path",
    )  # fmt: skip


class _Table:
    """One table, row by row."""

    def __init__(self, source: Source, drafts: PatientDrafts) -> None:
        with source.path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        sheet = read_text_table(source.path, packed)
        drafts.sheet_faults(sheet)
        self.columns = {name: sheet.texts(name) for name in sheet.columns}
        self.rows = sheet.row_numbers()
        self.drafts = drafts
        self.sections = [name for name in sheet.columns if name.startswith("section_")]
        self.reports: dict[tuple[str, str], str] = {}
        self.facts: set[tuple[str, str, str]] = set()

    def cell(self, name: str, k: int) -> str | None:
        column = self.columns.get(name)
        return column[k] if column else None

    def read(self) -> None:
        name = "path_to_image" if "path_to_image" in self.columns else "Path"
        for k, row in enumerate(self.rows):
            path = self.cell(name, k) or ""
            found = _PATH.search(path)
            if found is None:
                self.drafts.fault(row, name, path, "patientX/studyY/viewZ_frontal.jpg")
                continue
            patient, study, view, _ = found.groups()
            said = self.cell("deid_patient_id", k)
            if said is not None and said != patient:
                self.drafts.fault(row, "deid_patient_id", said, f"{patient}, as the path says")
                continue
            draft = self.drafts(patient)
            item = item_id(_MODALITY, "chexpert", patient, study, view)
            self._labels(draft, f"images/{item}", k, row)
            self._person(draft, study, k, row)
            self._report(draft, patient, study, k, row)

    def _labels(self, draft: RecordsDraft, target: str, k: int, row: int) -> None:
        for label in _LABELS:
            cell = self.cell(label, k)
            if cell is None:
                continue
            value = number(cell)
            if value not in _SAID:
                self.drafts.fault(row, label, cell, "1, 0, -1 or nothing")
                continue
            draft.observations.append(
                {
                    "group": "labels", "name": label, "value": _SAID[value], "number": value,
                    "state": "present", "finding": label, "target": target, "row": row,
                    "method": "mined from the report's text by the data set's authors",
                }
            )  # fmt: skip

    def _person(self, draft: RecordsDraft, study: str, k: int, row: int) -> None:
        said = self.cell("sex", k) or self.cell("Sex", k)
        if not set_once(draft.attributes, "sex", sex(said)):
            self.drafts.fault(row, "sex", said, draft.attributes["sex"])
        for name in _PERSON:
            self._fact(draft, name, name, self.cell(name, k), row, None)
        for name in _AGES:
            unit = f"years at {study}"
            self._fact(draft, "age", name, self.cell(name, k), row, unit)

    def _fact(
        self, draft: RecordsDraft, name: str, column: str, cell: str | None, row: int,
        unit: str | None,
    ) -> None:  # fmt: skip
        if cell is None or draft.patient is None:
            return
        key = (str(draft.patient.identifier), f"{name} {unit}", cell)
        if key in self.facts:
            return  # a study's rows, one a view, repeat it
        self.facts.add(key)
        draft.facts.append(
            {
                "name": name, "value": cell, "number": number(cell), "unit": unit,
                "state": "present", "column": column, "row": row,
            }
        )  # fmt: skip

    def _report(self, draft: RecordsDraft, patient: str, study: str, k: int, row: int) -> None:
        sections = {name: text for name in self.sections if (text := self.cell(name, k))}
        text = self.cell("report", k) or "\n\n".join(
            f"{_title(name)}:\n{part}" for name, part in sections.items()
        )
        if not text or self.reports.get((patient, study)) == text:
            return
        first = (patient, study) not in self.reports
        self.reports.setdefault((patient, study), text)
        item = item_id("report", "chexpert", patient, study, *([] if first else [text]))
        draft.texts.append(
            {"item": item, "name": f"{study} report", "text": text, "language": "en", "row": row}
        )
        for name, part in sections.items():
            at = text.find(part)
            if at >= 0:
                draft.observations.append(_span("section", _title(name), item, at, part, row))
            else:
                other = item_id("report", "chexpert", patient, study, name, part)
                draft.texts.append(
                    {"item": other, "name": f"{study} {_title(name)}", "text": part,
                     "language": "en", "row": row}
                )  # fmt: skip
        draft.observations += [
            _span("phi_tag", one.group(), item, one.start(), one.group(), row)
            for one in _TAG.finditer(text)
        ]


def _title(name: str) -> str:
    return name.removeprefix("section_").replace("_", " ").upper()


def _span(kind: str, value: str, item: str, at: int, text: str, row: int) -> dict[str, Any]:
    return {
        "group": kind, "name": kind, "value": value, "state": "present", "row": row,
        "target": f"reports/{item}#chars={at}:{at + len(text)}",
        "method": "as the table has it",
    }  # fmt: skip
