"""ChestX-ray8 and ChestX-ray14 (Wang et al. 2017, NIH): the tables of labels and of boxes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from explorer.draft import FileStatus, Grid, Header, PatientHint, Reading, Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.csv_head import csv_head
from explorer.readers.layouts import Placed
from explorer.readers.one_file import describe
from explorer.readers.patient_drafts import PatientDrafts, number, set_once, sex
from explorer.readers.table_text import read_text_table
from explorer.records_draft import TablesReading

_LAYOUT = "ChestX-ray8"
_MODALITY = "CR"
_IMAGE = re.compile(r"\d{8}_\d{3}\.png")
_ENTRIES = {"Image Index", "Finding Labels", "Patient ID"}
_BOXES = ["Image Index", "Finding Label", "Bbox [x"]
_METHOD = "mined from the report's text by the data set's authors"
_OLDEST = 120
_EDGE = 1e6  # pixels
_BOX_BYTES = 64 << 20
_MOST_TABLES = 64


class ChestXray8Reader:
    """Reads ``Data_Entry_2017.csv`` and ``BBox_List_2017.csv``.

    A label is an observation of its image, a box one with the address of the box, in pixels of
    the picture. What is not labelled was not mentioned: nothing is recorded of it.
    """

    name = "chestxray8"

    def peek(self, source: Source) -> Header | None:
        """Claim the two tables by their columns."""
        kind = _kind(csv_head(source.path))
        if kind is None:
            return None
        folder = source.uri[: -len(source.path.name)]
        return Header(
            source, self.name, "table", f"{self.name}:{folder}", PatientHint(None),
            detail={"table": kind},
        )  # fmt: skip

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Refuse: a table is of many patients, and is read by `read_tables`."""
        reason = "a table is read for all its patients at once"
        return Reading([], [FileStatus(h.source.uri, "refused", reason) for h in headers])

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn labels and boxes into observations, each with its patient."""
        reading = TablesReading([], [])
        for header in headers:
            source = header.source
            drafts = PatientDrafts(source, _LAYOUT)
            try:
                if header.detail["table"] == "entries":
                    _read_entries(source, drafts)
                else:
                    _read_boxes(source, drafts)
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


def _kind(head: list[str]) -> str | None:
    if set(head) >= _ENTRIES:
        return "entries"
    return "boxes" if head[:3] == _BOXES else None


def image_item(name: str) -> str:
    """Id of the item of an image, by its file's name, which is unique in the data set."""
    return item_id(_MODALITY, "chestxray8", name)


def place_chestxray8(folder: Path, relative: str) -> Placed | None:
    """Say whose a picture is that the table in `folder` lists."""
    name = relative.rpartition("/")[2]
    if not _IMAGE.fullmatch(name):
        return None
    row = _patients(folder, folder.stat().st_mtime_ns).get(name)
    if row is None:
        return None
    patient, view = row
    return Placed(
        patient,
        ("chestxray8", name),
        _MODALITY,
        name,
        meta={
            "layout": _LAYOUT, "view_position": view, "body_part": "CHEST",
            "modality_by": "the layout: radiographs, CR or DX is not told",
        },
        note="the patient is taken from ChestX-ray8's table",
    )  # fmt: skip


@lru_cache(maxsize=64)
def _patients(folder: Path, mtime_ns: int) -> dict[str, tuple[str, str]]:
    """Image to (patient, view) of the tables in a folder.

    `mtime_ns` is the folder's: what was read of it is forgotten when it changes.
    """
    found: dict[str, tuple[str, str]] = {}
    tables = (one for one in folder.iterdir() if one.name.lower().endswith((".csv", ".csv.gz")))
    for path in sorted(islice(tables, _MOST_TABLES)):
        if _kind(csv_head(path)) == "entries":
            try:
                found |= _listed(path)
            except FileRefusedError:
                continue  # its own status says what is wrong with it
    return found


def _listed(path: Path) -> dict[str, tuple[str, str]]:
    sheet = read_text_table(path, _packed(path))
    views = sheet.texts("View Position") if "View Position" in sheet.columns else None
    return {
        image: (patient, (views[k] if views else None) or "")
        for k, (image, patient) in enumerate(
            zip(sheet.texts("Image Index"), sheet.texts("Patient ID"), strict=True)
        )
        if image and patient
    }


def _packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _read_entries(source: Source, drafts: PatientDrafts) -> None:
    sheet = read_text_table(source.path, _packed(source.path))
    drafts.sheet_faults(sheet)
    columns = {name: sheet.texts(name) for name in sheet.columns}
    blank: list[str | None] = [None] * sheet.data.num_rows
    ages = columns.get("Patient Age", blank)
    sexes = columns.get("Patient Gender", blank)
    for k, row in enumerate(sheet.row_numbers()):
        image, patient = columns["Image Index"][k], columns["Patient ID"][k]
        if not image or not patient:
            name = "Patient ID" if image else "Image Index"
            drafts.fault(row, name, None, "a value")
            continue
        draft = drafts(patient)
        target = f"images/{image_item(image)}"
        labels = (columns["Finding Labels"][k] or "").split("|")
        draft.observations += [
            {
                "group": "labels", "name": label, "value": "present", "state": "present",
                "finding": label, "method": _METHOD, "target": target, "row": row,
            }
            for label in dict.fromkeys(one.strip() for one in labels)
            if label
        ]  # fmt: skip
        age = ages[k]
        if age is not None:
            years = number(age.rstrip("Yy"))
            if years is None or not 0 <= years <= _OLDEST:
                drafts.fault(row, "Patient Age", age, f"0 to {_OLDEST} years")
            else:
                draft.facts.append(
                    {
                        "name": "Patient Age", "value": age, "number": years, "unit": "years",
                        "state": "present", "column": "Patient Age", "row": row,
                    }
                )  # fmt: skip
        if not set_once(draft.attributes, "sex", sex(sexes[k])):
            drafts.fault(row, "Patient Gender", sexes[k], draft.attributes["sex"])


def _read_boxes(source: Source, drafts: PatientDrafts) -> None:
    folder = source.path.parent
    patients = _patients(folder, folder.stat().st_mtime_ns)
    if not patients:
        raise FileRefusedError(
            "The boxes do not say whose they are",
            expected="Data_Entry_2017.csv beside them",
        )
    for row, cells in enumerate(_box_rows(source.path), start=1):
        if len(cells) < 6:
            drafts.fault(row, "Bbox [x,y,w,h]", ",".join(cells), "image, label, x, y, w, h")
            continue
        image, label = cells[0], cells[1]
        if image not in patients:
            drafts.fault(row, "Image Index", image, "an image of Data_Entry_2017.csv")
            continue
        numbers = [number(cell) for cell in cells[2:6]]
        x, y, w, h = [one if one is not None else -1.0 for one in numbers]
        if not (min(x, y) >= 0 and max(x, y) < _EDGE and min(w, h) > 0 and max(w, h) < _EDGE):
            drafts.fault(row, "Bbox [x,y,w,h]", str(cells[2:6]), "x, y from 0; w, h above 0")
            continue
        drafts(patients[image][0]).observations.append(
            {
                "group": "boxes", "name": label, "value": "present", "state": "present",
                "finding": label, "method": "drawn by a radiologist", "row": row,
                "target": f"images/{image_item(image)}#{box_fragment(x, y, w, h)}",
                "detail": json.dumps({"x": x, "y": y, "w": w, "h": h, "unit": "pixels"}),
            }
        )  # fmt: skip


def _box_rows(path: Path) -> Iterator[list[str]]:
    """Rows below the head, which has nine names for the six cells that follow it."""
    with gzip.open(path) if _packed(path) else path.open("rb") as file:
        data = file.read(_BOX_BYTES + 1)
    if len(data) > _BOX_BYTES:
        raise FileRefusedError(f"The table of boxes has more than {_BOX_BYTES >> 20} MiB")
    lines = csv.reader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=""))
    next(lines, None)
    yield from (line for line in lines if line)


def box_fragment(x: float, y: float, w: float, h: float) -> str:
    """A box from its top left corner as an address has it, ``y, x``: the pixels that it touches."""
    edges = [math.floor(y), math.ceil(y + h), math.floor(x), math.ceil(x + w)]
    return "box={}:{},{}:{}".format(*edges)
