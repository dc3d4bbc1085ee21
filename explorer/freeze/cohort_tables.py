"""A cohort's patients, items and facts as CSV, the same bytes each time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import StoreError
from explorer.freeze.croissant import croissant
from explorer.licence import licence
from explorer.safe_cell import safe_cell

if TYPE_CHECKING:
    from explorer.patient import Patient
    from explorer.patient_set import PatientSet

METADATA = "croissant.json"
_PATIENTS = ("patient", "version", "sex", "synthetic", "licence")
_ITEMS = ("patient", "item", "kind", "modality", "day", "day_state", "dims", "shape",
          "spacing_mm", "units", "storage", "state", "body_part", "laterality", "synthetic",
          "licence")  # fmt: skip
_FACTS = ("patient", "name", "value", "number", "unit", "code", "state", "day", "day_state",
          "synthetic")  # fmt: skip


def cohort_tables(members: PatientSet, folder: str | Path | None = None) -> dict[str, Any]:
    """Describe a cohort as Croissant, and write its tables where a folder is given.

    ``patients.csv``, ``items.csv`` and ``facts.csv``, and ``croissant.json``, which says what is
    in them and has their sha256: it is the same whether they are written or not. Patients stand
    under their opaque keys, in the order of these; no cell is a formula. Facts are as the source
    says them, and may tell who a patient is: to hand data over, ``export`` can take that out.

    Parameters
    ----------
    members : PatientSet
    folder : path, optional
        New, or empty.

    Returns
    -------
    dict
        JSON-LD.

    Raises
    ------
    StoreError
        The folder is not empty.
    """
    place = None if folder is None else Path(folder)
    if place is not None and place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise StoreError("The folder is not empty", expected="a new one", where=str(place))
    people = sorted(members.patients(["items", "facts", "files"]), key=lambda one: one.key)
    terms = {one.key: licence(one).terms for one in people}
    tables = {
        "patients": (_PATIENTS, _patients(people, terms)),
        "items": (_ITEMS, _rows(people, "items", _ITEMS, terms)),
        "facts": (_FACTS, _rows(people, "facts", _FACTS, terms)),
    }
    files, data = [], {}
    for name, (columns, rows) in tables.items():
        file = f"{name}.csv"
        data[file] = _csv(columns, rows)
        digest = hashlib.sha256(data[file]).hexdigest()
        files.append({"file": file, "sha256": digest, "size": len(data[file]),
                      "kind": f"{name} of the cohort", "columns": columns})  # fmt: skip
    document = croissant(members, files, licences=terms.values())
    if place is not None:
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file, content in {**data, METADATA: text.encode("utf-8", "replace")}.items():
            (place / file).touch(mode=0o600)
            (place / file).write_bytes(content)
    return document


def _patients(people: list[Patient], terms: dict[str, str | None]) -> Iterator[dict[str, Any]]:
    for one in people:
        yield {
            "patient": one.key, "version": one.version, "sex": one.attributes.get("sex"),
            "synthetic": one.synthetic, "licence": terms[one.key] or "unknown",
        }  # fmt: skip


def _rows(
    people: list[Patient], table: str, columns: Sequence[str], terms: dict[str, str | None]
) -> Iterator[dict[str, Any]]:
    for one in people:
        more = {"patient": one.key, "licence": terms[one.key] or "unknown"}
        found = []
        for row in one.rows(table):
            told = {**row, **more, "synthetic": bool(row["synthetic"])}
            found.append({name: told[name] for name in columns})
        # in the order of the columns: what the store does not order has one order here
        yield from sorted(found, key=lambda row: json.dumps(list(row.values())))


def _csv(columns: Sequence[str], rows: Iterator[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(columns)
    write.writerows([[_cell(row.get(name)) for name in columns] for row in rows])
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe_cell(json.dumps(value) if isinstance(value, list | tuple) else value)
