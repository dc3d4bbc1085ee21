"""Record tables as they may be told: patients under their names in the export, nobody else's."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from explorer.anchor import automatic
from explorer.exports.run import Run
from explorer.exports.subject import Subject
from explorer.layout import RECORDS, ROW_NAMES
from explorer.safe_cell import safe_cell

INDEX = "oncograph-tables.json"
INDEX_FORM = "oncograph tables"
OPEN = ("facts", "events", "observations", "vectors", "texts")
"""Tables that a source may speak of; the others follow from images and programs."""

PATIENT = ("sex", "birth_date", "anchor_date", "anchor_kind", "anchor_source", "synthetic")
_SEGMENT = ("item", "position", "number", "name", "code_value", "code_scheme", "code_meaning",
            "algorithm_type", "voxels", "volume_mm3")  # fmt: skip


def columns(table: str, hidden: bool) -> list[str]:
    """Columns of a table in an export, without the patient's."""
    if hidden and table == "segments":
        return list(_SEGMENT)
    names = [name for name in RECORDS[table].names if name not in ROW_NAMES]
    untold = {"source", "origin", "sha256", "row", "detail", "group_uid", "target"}
    return [name for name in names if not (hidden and name in untold)]


def told_rows(run: Run, table: str, left: Counter[str]) -> Iterator[dict[str, Any]]:
    """Rows of a table at the cohort's versions, each with its patient's name in the export.

    Parameters
    ----------
    run : Run
    table : str
    left : Counter
        Grows by reason, for rows that may not be told.
    """
    for patient in run.patients:
        subject = run.subject(patient)
        for number, row in enumerate(patient.rows(table), start=1):
            found = _told(subject, table, row, left)
            if found is None:
                continue
            if table == "texts" and subject.privacy is not None:
                found["item"] = f"report-{number:02}"  # the store's id is a hash of a path
            yield {**found, "patient": subject.called}


def _told(
    subject: Subject, table: str, row: dict[str, Any], left: Counter[str]
) -> dict[str, Any] | None:
    privacy = subject.privacy
    if privacy is None:
        return row
    if table == "segments":
        code = {name: row[name] for name in _SEGMENT}
        return {**code, "item": subject.id(row["item"]), "name": subject.segment(row)}
    if table == "texts" and (why := privacy.withheld()) is not None:
        left[why] += 1
        return None
    found = privacy.row(row)
    if found is None:
        left["they name, or may name, the patient"] += 1
        return None
    return found


def patient_rows(run: Run) -> Iterator[dict[str, Any]]:
    """One row a patient: sex, birth and time zero as they may be told, and the split's part."""
    for patient in run.patients:
        subject = run.subject(patient)
        about = patient.attributes
        row = {name: about.get(name) for name in PATIENT}
        if automatic(row["anchor_source"], row["anchor_kind"]):
            row |= {"anchor_date": None, "anchor_kind": None, "anchor_source": None}
        if subject.privacy is not None:
            row |= {"birth_date": None, "anchor_date": subject.date(row["anchor_date"])}
            # headers may hold anything where a sex should be
            row["sex"] = row["sex"] if row["sex"] in ("M", "F", "O") else None
            row["anchor_source"] = "the export" if row["anchor_kind"] else None
        row["synthetic"] = bool(row["synthetic"])
        yield {"patient": subject.called, **row, "part": subject.part or None}


def feature_rows(run: Run) -> list[dict[str, Any]]:
    """The names of the vectors' entries, once a list."""
    ids = {row["features"] for patient in run.patients for row in patient.rows("vectors")}
    wanted = sorted(one for one in ids if one)
    rows = run.cohort.store.records.read("features").to_pylist()
    kept = {row["features"]: row for row in rows if row["features"] in wanted}
    return [{"features": k, "name": r["name"], "names": r["names"]} for k, r in kept.items()]


def write_csv(path: Path, names: Sequence[str], rows: Iterator[dict[str, Any]], sep: str) -> int:
    """Write rows, no cell of which is a formula; gives their number."""
    count = 0
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        write = csv.writer(file, delimiter=sep)
        write.writerow(names)
        for row in rows:
            write.writerow([_cell(row.get(name)) for name in names])
            count += 1
    return count


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple | dict):
        value = json.dumps(value, default=str)
    return "true" if value is True else "false" if value is False else safe_cell(value)


def write_tables(
    run: Run, tables: Sequence[str] = OPEN, folder: str = "", sep: str = ",", head: str = "patient"
) -> None:
    """Write the tables that a source may speak of, as CSV, and which file is which.

    Parameters
    ----------
    run : Run
    tables : sequence of str
    folder : str
        Below the export's, with a slash.
    sep : str
    head : str
        What the column of the patients is called.
    """
    end = "csv" if sep == "," else "tsv"
    index: dict[str, str] = {}
    place = run.folder / folder
    place.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(name: str, table: str, names: list[str], rows: Iterator[dict[str, Any]]) -> None:
        path = place / f"{name}.{end}"
        named = ({head: row["patient"], **row} for row in rows) if head != "patient" else rows
        count = write_csv(path, names, named, sep)
        if count:
            run.add(path, kind="table", table=table, rows=count)
            index[path.name] = table
        else:
            path.unlink()

    put("patients", "attributes", [head, *PATIENT, "part"], patient_rows(run))
    for table in tables:
        left: Counter[str] = Counter()
        names = [head, *columns(table, run.options.deidentify)]
        put(table, table, names, told_rows(run, table, left))
        for why, count in left.items():
            run.leave(table, f"{count} rows: {why}")
    if "vectors" in tables and (rows := feature_rows(run)):
        put("features", "features", ["features", "name", "names"],
            iter([{"patient": "", **row} for row in rows]))  # fmt: skip
    run.add_json(f"{folder}{INDEX}", {"format": INDEX_FORM, "tables": index}, kind="index")
