"""Real World Value Mapping objects: what another file says that an image's numbers mean (A.46)."""

from __future__ import annotations

import json
from typing import Any

from pydicom.dataset import Dataset

from explorer.draft import FileStatus, Grid, Header, Reading, Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.dicom_claim import claim_dicom
from explorer.readers.dicom_identity import TAGS as IDENTITY_TAGS
from explorer.readers.dicom_identity import dicom_identity
from explorer.readers.dicom_parse import parse_dicom
from explorer.readers.dicom_values import iso_date, items, number, quiet, text, value
from explorer.readers.one_file import read_each
from explorer.readers.seg_segments import read_code
from explorer.records_draft import RecordsDraft, Row

NAME = "real world value mapping"
_CLASS = "1.2.840.10008.5.1.4.1.1.67"
_TAGS = (*IDENTITY_TAGS, "ReferencedImageRealWorldValueMappingSequence", "ContentLabel")
_QUANTITY, _METHOD = ("246205007", "G-C1C6"), ("370129005", "G-C036")
_MOST_IMAGES = 20_000


class DicomRwvmReader:
    """Reader of Real World Value Mapping objects (a `explorer.readers.reader.Reader`).

    A mapping becomes an observation about the image that it names. The image's own units stay
    what they are: `explorer.image.Image.real_world_maps` offers what the object says.
    """

    name = "dicom_rwvm"

    def peek(self, source: Source) -> Header | None:
        """Claim mapping objects by their SOP class."""
        dataset = claim_dicom(source.path, (_CLASS,), "RWV", IDENTITY_TAGS)
        if dataset is None:
            return None
        with quiet():
            return dicom_identity(dataset).header(source, self.name, "records")

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn each file into observations, one a mapping."""
        return read_each(headers, _read)


def _read(header: Header) -> tuple[RecordsDraft, FileStatus]:
    with quiet():
        parsed = parse_dicom(header.source.path, _TAGS)
        if parsed is None:
            raise FileRefusedError("The file is no longer DICOM")
        dataset = parsed.dataset
        date = iso_date(dataset, "StudyDate", "SeriesDate", "ContentDate")
        rows = [
            {**_row(mapping, images), "date": date}
            for part in items(dataset, "ReferencedImageRealWorldValueMappingSequence")
            for images in [_images(part)]
            for mapping in items(part, "RealWorldValueMappingSequence")
        ]
        if not rows:
            raise FileRefusedError("The object holds no mapping")
        draft = RecordsDraft(
            item=item_id("rwvm", header.detail["identity"]),
            name=text(dataset, "SeriesDescription") or text(dataset, "ContentLabel") or NAME,
            sources=[header.source],
            observations=[{**row, "row": k} for k, row in enumerate(rows, start=1)],
            synthetic=(text(dataset, "SyntheticData") or "").upper() == "YES",
        )
    return draft, FileStatus(header.source.uri, "ingested", None, draft.item)


def _images(part: Dataset) -> list[str]:
    found = (
        text(one, "ReferencedSOPInstanceUID", 64)
        for one in items(part, "ReferencedImageSequence")[:_MOST_IMAGES]
    )
    return [uid for uid in found if uid]


def _row(mapping: Dataset, images: list[str]) -> Row:
    unit = read_code(mapping, "MeasurementUnitsCodeSequence")
    slope = number(mapping, "RealWorldValueSlope")
    intercept = number(mapping, "RealWorldValueIntercept")
    quantity, method = _defined(mapping, _QUANTITY), _defined(mapping, _METHOD)
    linear = slope is not None
    detail: dict[str, Any] = {
        "real_world": True,
        "slope": slope,
        "intercept": intercept or 0.0 if linear else None,
        "of": "stored values",
        "first": _end(mapping, "First"),
        "last": _end(mapping, "Last"),
        "table": None if linear else _table(mapping),
        "label": text(mapping, "LUTLabel", 16),
        "explanation": text(mapping, "LUTExplanation", 64),
        "quantity": quantity,
        "unit_code": [unit.value, unit.scheme, unit.meaning] if unit else None,
        "refers": [{"kind": "images", "sops": images}],
    }
    kept = {name: one for name, one in detail.items() if one is not None}
    return {
        "name": NAME,
        "value": f"{slope} x + {intercept or 0.0}" if linear else "a table",
        "number": slope,
        "unit": unit.value if unit else None,
        "state": "present",
        "method": method,
        "finding": quantity,
        "detail": json.dumps(kept, ensure_ascii=False),
    }


def _defined(mapping: Dataset, names: tuple[str, ...]) -> str | None:
    """A code of the quantity's definition."""
    for one in items(mapping, "QuantityDefinitionSequence"):
        name, code = (
            read_code(one, "ConceptNameCodeSequence"),
            read_code(one, "ConceptCodeSequence"),
        )
        if name is not None and code is not None and name.value in names:
            return code.meaning
    return None


def _end(mapping: Dataset, which: str) -> float | None:
    exact = number(mapping, f"DoubleFloatRealWorldValue{which}ValueMapped")
    return exact if exact is not None else number(mapping, f"RealWorldValue{which}ValueMapped")


def _table(mapping: Dataset) -> list[float] | None:
    found = value(mapping, "RealWorldValueLUTData")
    if found is None:
        return None
    try:
        return [float(one) for one in found][:65536]
    except (TypeError, ValueError):
        return None
