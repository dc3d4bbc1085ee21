"""One patient's files into the store: read, write, one commit."""

from __future__ import annotations

import random
import time
from typing import Any

from explorer.errors import ConflictError, ErasedError
from explorer.file_row import reading_of, refused_row
from explorer.layout import ORIGIN_TABLES, RECORDS, ROW_NAMES
from explorer.leave_erased import REASON
from explorer.part import part_of
from explorer.patient import Patient
from explorer.patient_reading import PatientReading
from explorer.patient_task import PatientOutcome, PatientTask
from explorer.resolve_targets import resolve_targets
from explorer.store import Store
from explorer.transaction import Transaction

__all__ = ["PatientOutcome", "PatientTask", "ingest_patient", "reading_of", "refused_row"]

# A large patient takes long to decode, and the other writer may just be doing that.
_WAIT_S = 3600.0
_TRIES = 8

_COMPARED = ("items", *ORIGIN_TABLES)

Row = dict[str, Any]


def ingest_patient(task: PatientTask) -> PatientOutcome:
    """Read a patient's new and changed files, and commit them as one version.

    Parameters
    ----------
    task : PatientTask

    Returns
    -------
    PatientOutcome
    """
    store = Store(task.store, set(task.roots.values()))  # a worker may be another machine's
    for attempt in range(_TRIES):
        try:
            return _once(store, task)
        except ErasedError:  # meanwhile
            rows = [{**refused_row(h, task, REASON), "status": "skipped"} for h in task.headers]
            return PatientOutcome("", task.person.identifier, 0, False, 0, rows)
        except ConflictError:
            if attempt == _TRIES - 1:
                raise
            time.sleep(random.uniform(0.05, 0.3) * (attempt + 1))
    raise AssertionError("unreachable")


def _once(store: Store, task: PatientTask) -> PatientOutcome:
    transaction = store.transaction(f"ingest of {len(task.headers)} files")
    with transaction as t:
        key = t.patient(task.person.identifier, task.person.issuer)
        t.hold(key, _WAIT_S)
        before = part_of(store, key)
        head = before.head if before else None
        known = {row["uri"]: row for row in before.rows("files")} if before else {}
        work = PatientReading(t, key, task, before, known)
        work.read_all()
        rows = work.rows()
        if before is None and not work.made:
            t.discard(key)  # a patient of whom nothing could be read is nobody yet
            return PatientOutcome("", task.person.identifier, 0, False, 0, rows)
        changed = [row for row in rows if not _same(row, known.get(row["uri"]))]
        if changed:
            t.put_files(key, changed)
            _describe(t, key, task)
        t.forget_files(key, task.gone)
        stale = work.stale()
        for item in stale:
            t.drop(key, item)
        resolve_targets(t, key, work.grids)
        if (
            before
            and not (changed or stale or task.gone)
            and all(_same_rows(t.rows(key, table), before, table) for table in _COMPARED)
        ):
            t.discard(key)  # read again because of a refused file, and found to be as it was
    version = transaction.versions.get(key, head.version if head else 0)
    after = part_of(store, key)
    items = len(after.rows("items")) if after else 0
    label = task.person.identifier
    return PatientOutcome(key, label, version, key in transaction.versions, items, rows)


def _same(row: Row, old: Row | None) -> bool:
    return old is not None and all(old.get(name) == value for name, value in row.items())


def _same_rows(rows: list[Row], before: Patient, table: str) -> bool:
    old = before.rows(table)
    if table == "items":
        by_item = {row["item"]: row for row in old}
        return len(rows) == len(old) and all(_same(row, by_item.get(row["item"])) for row in rows)
    names = [name for name in RECORDS[table].names if name not in ROW_NAMES]
    return _plain(rows, names) == _plain(old, names)


def _plain(rows: list[Row], names: list[str]) -> list[str]:
    # a vector's NaN is equal to no other, as text it is
    return sorted(repr([row.get(name) for name in names]) for row in rows)


def _describe(t: Transaction, key: str, task: PatientTask) -> None:
    known = {}
    for header in task.headers:
        for name in ("sex", "birth_date"):
            value = getattr(header.patient, name)
            if value:
                known[name] = value
    if task.person.made_up:
        known["made_up"] = True
    t.set_attributes(key, **known)
