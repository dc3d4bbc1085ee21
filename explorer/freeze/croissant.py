"""Croissant: a cohort described for machines, so that they can load its tables."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from explorer.freeze.frozen_cohort import FrozenCohort
from explorer.layout import RECORDS
from explorer.records import now

if TYPE_CHECKING:
    import mlcroissant

    from explorer.patient_set import PatientSet

_MEDIA = {
    ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".json": "application/json",
    ".jsonl": "application/jsonlines", ".parquet": "application/x-parquet", ".txt": "text/plain",
    ".gz": "application/gzip", ".dcm": "application/dicom", ".zip": "application/zip",
}  # fmt: skip
_TABLES = (".csv", ".tsv", ".parquet")
# Columns of an export that no record table has, or has otherwise.
_KINDS = {"licence": "text", "version": "integer", "number": "float"}


def croissant(
    members: PatientSet,
    files: Iterable[Mapping[str, Any]],
    *,
    name: str = "",
    description: str = "",
    licences: Iterable[str | None] = (),
) -> dict[str, Any]:
    """Metadata of a folder of files, by the vocabulary Croissant 1.1, as JSON-LD.

    Each file is a FileObject with its sha256; a file with ``columns`` is a RecordSet, too, named
    as the file without its ending, which mlcroissant loads from the folder that the document
    stands in.

    Parameters
    ----------
    members : PatientSet
        Whom the files are of.
    files : iterable of mappings
        file (its path below the folder, with slashes), sha256, size (bytes), and where they are
        known: kind (text, for people), columns (names, of a CSV, TSV or Parquet file).
    name, description : str
        By default what a frozen cohort says of itself.
    licences : iterable of str or None
        The terms of the data; None where nothing says them, which becomes 'unknown'.

    Returns
    -------
    dict
        JSON-LD (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html).

    Raises
    ------
    ValueError
        mlcroissant finds fault with it, such as two files of one name.
    """
    import mlcroissant as mlc  # it takes seconds

    listed = list(files)
    frozen = members if isinstance(members, FrozenCohort) else None
    title = name or members.name or "cohort"
    terms = sorted({one or "unknown" for one in licences}) or ["unknown"]
    metadata = mlc.Metadata(
        name=title,
        description=description or (frozen.note if frozen else "") or f"{len(members)} patients",
        url=f"onco:~/cohort/{quote(title, safe='')}",
        cite_as=f"Cohort {title!r}, sha256 {members.digest}",
        license=terms,
        version="1.0.0",
        date_published=datetime.fromisoformat(frozen.time if frozen else now()),
        personal_sensitive_information=["Records of patients, whom opaque keys stand for"],
        distribution=[_file(mlc, one) for one in listed],
        record_sets=[_records(mlc, one["file"], one["columns"]) for one in listed
                     if one.get("columns")],
    )  # fmt: skip
    found: dict[str, Any] = json.loads(json.dumps(metadata.to_json(), default=_text))
    return found


def _id(text: str) -> str:
    """A name that mlcroissant takes for an ``@id``: no space, nothing that a URL would escape."""
    if re.fullmatch(r"[A-Za-z0-9_./-]+", text):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    return f"{re.sub(r'[^A-Za-z0-9_./-]+', '_', text)}-{digest}"


def _file(mlc: Any, one: Mapping[str, Any]) -> mlcroissant.FileObject:
    media = _MEDIA.get(PurePosixPath(one["file"]).suffix, "application/octet-stream")
    return mlc.FileObject(
        id=_id(one["file"]), name=one["file"], description=str(one.get("kind") or "") or None,
        content_url=quote(one["file"]), content_size=f"{one['size']} B",
        encoding_formats=[media], sha256=one["sha256"],
    )  # fmt: skip


def _records(mlc: Any, file: str, columns: Sequence[str]) -> mlcroissant.RecordSet:
    path = PurePosixPath(file)
    table = path.with_suffix("").as_posix() if path.suffix in _TABLES else file
    types = {
        "text": mlc.DataType.TEXT, "float": mlc.DataType.FLOAT,
        "integer": mlc.DataType.INTEGER, "bool": mlc.DataType.BOOL,
    }  # fmt: skip
    fields = [
        mlc.Field(
            id=_id(f"{table}/{column}"), name=column, data_types=[types[_kind(path.stem, column)]],
            source=mlc.Source(file_object=_id(file), extract=mlc.Extract(column=column)),
        )
        for column in columns
    ]  # fmt: skip
    key = [_id(f"{table}/patient")] if path.stem == "patients" and "patient" in columns else None
    return mlc.RecordSet(id=_id(table), name=table, key=key, fields=fields)


def _kind(table: str, column: str) -> str:
    schema = RECORDS["attributes" if table == "patients" else table] if table in (
        *RECORDS, "patients") else None  # fmt: skip
    if schema is None or column not in schema.names:
        return _KINDS.get(column, "text")
    kind = schema.field(column).type
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "float"
    return "bool" if pa.types.is_boolean(kind) else "text"


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
