"""DICOM structured reports: TID 1500 as observations, plain ones as report texts."""

from __future__ import annotations

import json
from typing import Any

from pydicom.dataset import Dataset

from explorer.draft import FileStatus, Grid, Header, Reading, Source
from explorer.errors import FileRefusedError, FileSkippedError
from explorer.item_id import item_id
from explorer.readers import sr_tree
from explorer.readers.dicom_claim import claim_dicom
from explorer.readers.dicom_identity import TAGS as IDENTITY_TAGS
from explorer.readers.dicom_identity import dicom_identity
from explorer.readers.dicom_parse import parse_dicom
from explorer.readers.dicom_values import iso_date, quiet, text
from explorer.readers.one_file import read_each
from explorer.readers.sr_measurements import read_measurements
from explorer.readers.sr_text import is_plain, report_text
from explorer.readers.sr_tree import Node, read_tree
from explorer.records_draft import RecordsDraft

_STORAGE = "1.2.840.10008.5.1.4.1.1.88."
# Basic Text, Enhanced, Comprehensive, Comprehensive 3D, Extensible (DICOM PS3.3 A.35). Others
# are of one template each (dose, CAD, key objects) and are none of this reader's.
_CLASSES = tuple(_STORAGE + part for part in ("11", "22", "33", "34", "35"))
_BASIC_TEXT = (_STORAGE + "11", _STORAGE + "22")
_MEASUREMENT_REPORT = "126000"
_LANGUAGE = "121049"
_MOST_READS = 600_000
_TAGS = (*IDENTITY_TAGS, *sr_tree.TAGS, "SpecificCharacterSet", "InstanceNumber")


class DicomSrReader:
    """Reader of structured reports (a `explorer.readers.reader.Reader`)."""

    name = "dicom_sr"

    def peek(self, source: Source) -> Header | None:
        """Claim structured reports of the general classes."""
        dataset = claim_dicom(source.path, _CLASSES, "SR", IDENTITY_TAGS)
        if dataset is None:
            return None
        with quiet():
            return dicom_identity(dataset).header(source, self.name, "records")

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn each file into records; what they point at is found when all items are there."""
        return read_each(headers, _read)


def _read(header: Header) -> tuple[RecordsDraft, FileStatus]:
    with quiet():
        parsed = parse_dicom(header.source.path, _TAGS, max_reads=_MOST_READS)
        if parsed is None:
            raise FileRefusedError("The file is no longer DICOM")
        draft = _draft(header, parsed.dataset)
    return draft, FileStatus(
        header.source.uri, "ingested", "; ".join(draft.problems) or None, draft.item
    )


def _draft(header: Header, dataset: Dataset) -> RecordsDraft:
    root = read_tree(dataset)
    title = root.name.meaning if root.name else None
    identity = header.detail["identity"]
    draft = RecordsDraft(
        item=item_id("sr", identity),
        name=text(dataset, "SeriesDescription") or title or "structured report",
        sources=[header.source],
        meta=_meta(dataset, title),
        synthetic=(text(dataset, "SyntheticData") or "").upper() == "YES",
    )
    date = iso_date(dataset, "StudyDate", "SeriesDate", "ContentDate")
    if root.template == "1500" or root.is_a(_MEASUREMENT_REPORT):
        rows = read_measurements(root)
        if not rows:
            raise FileRefusedError("The measurement report holds no measurement and no finding")
        draft.observations = [
            {**row, "date": date, "row": number} for number, row in enumerate(rows, start=1)
        ]
        return draft
    if text(dataset, "SOPClassUID") not in _BASIC_TEXT and not is_plain(root):
        raise FileSkippedError(
            f"A structured report '{title or 'without a title'}' (template "
            f"{root.template or 'not said'}) is not read yet",
            expected="TID 1500 (measurements), or a report of text alone",
        )
    said = report_text(root)
    if not said:
        raise FileRefusedError("The structured report has no text")
    draft.texts = [
        {
            "item": item_id("report", identity),
            "name": title or draft.name,
            "text": said,
            "language": _language(root),
            "date": date,
            "detail": json.dumps(draft.meta, ensure_ascii=False),
        }
    ]
    return draft


def _language(root: Node) -> str | None:
    said = root.first(_LANGUAGE)
    return said.code.value if said and said.code else None


def _meta(dataset: Dataset, title: str | None) -> dict[str, Any]:
    found = {
        "study_uid": text(dataset, "StudyInstanceUID", 128),
        "series_uid": text(dataset, "SeriesInstanceUID", 128),
        "sop_uid": text(dataset, "SOPInstanceUID", 128),
        "title": title,
        "content_date": iso_date(dataset, "ContentDate"),
        **sr_tree.flags(dataset),
    }
    return {name: value for name, value in found.items() if value is not None}
