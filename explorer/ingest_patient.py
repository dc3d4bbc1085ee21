"""One patient's files into the store: read, write, one commit."""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from explorer.assign import Person
from explorer.draft import Draft, FileStatus, Grid, Header, ImageDraft, Reading, Source, Status
from explorer.errors import ConflictError, ErasedError, FileRefusedError
from explorer.held_elsewhere import held_elsewhere
from explorer.layout import ORIGIN_TABLES, RECORDS, ROW_NAMES
from explorer.leave_erased import REASON
from explorer.made_twice import made_twice
from explorer.part import part_of
from explorer.patient import Patient
from explorer.place import Place
from explorer.privacy.mark_draft import mark_draft
from explorer.registry import readers
from explorer.resolve_targets import resolve_targets
from explorer.store import Store
from explorer.transaction import Transaction

# A large patient takes long to decode, and the other writer may just be doing that.
_WAIT_S = 3600.0
_TRIES = 8

# Masks are placed on images that are there by then; documents speak of both.
_ORDER = ("image", "segmentation", "waveform", "slide", "records")
_COMPARED = ("items", *ORIGIN_TABLES)

Row = dict[str, Any]


@dataclass(frozen=True)
class PatientTask:
    """What one worker does at a time.

    Attributes
    ----------
    store : Place
    person : Person
    headers : list of Header
        Every file of the patient in this run's sources, unchanged ones included.
    refused : list of dict
        Status rows of files that were this patient's and can no longer be read.
    gone : list of str
        Files that were this patient's and now say that they are another's.
    roots : dict
        File to source root.
    copy : bool
    """

    store: Place
    person: Person
    headers: list[Header]
    refused: list[Row] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    roots: dict[str, str] = field(default_factory=dict)
    copy: bool = False


@dataclass
class PatientOutcome:
    """What came of it: the patient (no key where nothing could be read), a row for each file."""

    key: str
    label: str
    version: int
    changed: bool
    items: int
    rows: list[Row]


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
        work = _Work(t, key, task, before, known)
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


class _Work:
    """The reading of one patient inside one transaction."""

    def __init__(
        self, t: Transaction, key: str, task: PatientTask, before: Patient | None,
        known: dict[str, Row],
    ) -> None:  # fmt: skip
        self.t, self.key, self.task, self.before, self.known = t, key, task, before, known
        self.by_uri = {header.source.uri: header for header in task.headers}
        self.statuses: dict[str, FileStatus] = {}
        self.places: dict[str, tuple[int, str | None]] = {}
        self.grids: dict[str, Grid] = {}
        self.made: set[str] = set()
        self.holders: dict[str, list[Source]] = {}
        out = [row["uri"] for row in task.refused] + task.gone
        # items that lose a file are made again of the others, or they would go on naming it
        self.short = {known[uri]["item"] for uri in out if uri in known} - {None}

    def read_all(self) -> None:
        if self.before:
            for image in self.before.images.values():
                if image.grid is not None:
                    self.grids[image.id] = image.grid
        groups: dict[tuple[str, str, str], list[Header]] = defaultdict(list)
        for header in self.task.headers:
            groups[header.kind, header.reader, header.group].append(header)
        news = {name for name, headers in groups.items() if not self._unchanged(headers)}
        for name in groups.keys() - news:
            for header in groups[name]:
                row = self.known[header.source.uri]
                if row["status"] in ("ingested", "referenced") and row["item"]:
                    self.holders.setdefault(row["item"], []).append(header.source)
        for name in sorted(groups, key=lambda name: (_ORDER.index(name[0]), name)):
            headers = groups[name]
            lost = self._waits_for_image(headers) and any(kind == "image" for kind, _, _ in news)
            if name in news or lost:
                self._read(name[1], headers)
            else:
                for header in headers:
                    row = self.known[header.source.uri]
                    self.statuses[header.source.uri] = FileStatus(
                        header.source.uri, row["status"], row["reason"], row["item"]
                    )
                    self.places[header.source.uri] = (row["position"], row["sop_uid"])

    def _unchanged(self, headers: list[Header]) -> bool:
        for header in headers:
            row = self.known.get(header.source.uri)
            if row is None or row["status"] == "refused" or row["item"] in self.short:
                return False
            if row["sha256"] != header.source.sha256 or row["reading"] != reading_of(header):
                return False
            if row["status"] == "referenced" and row["mtime_ns"] != header.source.mtime_ns:
                return False  # the reference carries the time, and would refuse to read
        return True

    def _waits_for_image(self, headers: list[Header]) -> bool:
        items = {self.known[h.source.uri]["item"] for h in headers if h.source.uri in self.known}
        found = self.before.segmentations if self.before else {}
        return any(item in found and found[item].image is None for item in items if item)

    def _read(self, reader: str, headers: list[Header]) -> None:
        grids = list(self.grids.values())
        try:
            chosen = next(r for r in readers() if r.name == reader)
            reading = chosen.read(headers, grids)
        except FileRefusedError as error:
            reading = _refuse(headers, error.message)
        except (OSError, MemoryError) as error:
            reading = _refuse(headers, f"cannot be read: {error}")
        except Exception as error:  # noqa: BLE001 - one bad file never stops an ingest
            reading = _refuse(headers, f"{type(error).__name__}: {error}")
        for status in reading.statuses:
            self.statuses[status.uri] = status
        for draft in reading.drafts:
            self._write(draft)
        for header in headers:
            uri = header.source.uri
            if uri not in self.statuses:
                self.statuses[uri] = FileStatus(uri, "refused", "the reader said nothing of it")

    def _write(self, draft: Draft) -> None:
        uris = [source.uri for source in draft.sources]
        named = self.t.free_id(self.key, draft)
        if named.item != draft.item:
            for status in list(self.statuses.values()):
                if status.item == draft.item and status.uri in uris:
                    self.statuses[status.uri] = replace(status, item=named.item)
            draft = named
        readable = self.before.store.readable_roots() if self.before else []
        held = held_elsewhere(draft, self.known, self.by_uri, readable)
        if held is None:
            held = made_twice(draft, self.holders)
        if held is not None:
            self.statuses.update({status.uri: status for status in held})
            return
        mark_draft(draft, [self.by_uri[uri] for uri in uris if uri in self.by_uri])
        try:
            storage = self.t.put(self.key, draft, copy=self.task.copy)
        except FileRefusedError as error:
            reason = error.message
        except (OSError, MemoryError, ValueError) as error:
            reason = f"cannot be read: {error}"
        except Exception as error:  # noqa: BLE001 - one bad file never stops an ingest
            reason = f"{type(error).__name__}: {error}"
        else:
            self.made.add(draft.item)
            self.holders[draft.item] = list(draft.sources)
            if isinstance(draft, ImageDraft) and draft.grid is not None:
                self.grids[draft.item] = draft.grid
            for status in list(self.statuses.values()):
                if status.item == draft.item and status.status in ("ingested", "referenced"):
                    kind: Status = "referenced" if storage == "referenced" else "ingested"
                    self.statuses[status.uri] = FileStatus(
                        status.uri, kind, status.reason, status.item
                    )
            for position, (uri, sop) in enumerate(zip(uris, _sops(draft, len(uris)), strict=True)):
                self.places.setdefault(uri, (position, sop))
            return
        for uri in uris:
            self.statuses[uri] = FileStatus(uri, "refused", reason)

    def rows(self) -> list[Row]:
        """One status row for each file of the task."""
        found = []
        for uri, status in self.statuses.items():
            header = self.by_uri[uri]
            position, sop = self.places.get(uri, (None, None))
            reason = "; ".join(part for part in (status.reason, header.note) if part) or None
            if uri in self.known and status.reason == self.known[uri]["reason"]:
                reason = status.reason
            row = _file_row(header, self.task)
            row |= {"status": status.status, "reason": reason, "item": status.item}
            row |= {"position": position, "sop_uid": sop}
            found.append(row)
        return found + self.task.refused

    def stale(self) -> set[str]:
        """Items of which no file is left."""
        if self.before is None:
            return set()
        now = {status.item for status in self.statuses.values()}
        touched = set(self.by_uri) | set(self.task.gone) | {r["uri"] for r in self.task.refused}
        elsewhere = {row["item"] for uri, row in self.known.items() if uri not in touched}
        once = {row["item"] for uri, row in self.known.items() if uri in touched and row["item"]}
        present = {row["item"] for row in self.before.rows("items")}
        present |= {row["origin"] for table in ORIGIN_TABLES for row in self.before.rows(table)}
        gone = (once - now - elsewhere) & present
        # a file's status names one item; others that came of it (`part_of`) go with that one
        for row in self.before.rows("items"):
            if '"part_of"' in (row["meta"] or ""):
                whole = json.loads(row["meta"])["part_of"]
                if whole in gone or (whole in self.made and row["item"] not in self.made):
                    gone.add(row["item"])
        return gone


def _sops(draft: Draft, files: int) -> list[str | None]:
    """SOPInstanceUID of each file of a draft, None where it is not known of each."""
    by_time = draft.meta.get("sop_uids_by_t")
    sops = [uid for time in by_time for uid in time] if by_time else draft.meta.get("sop_uids")
    found = [uid or None for uid in sops or []]
    if files == 1 and len(set(found)) == 1:  # every frame is the one file's
        return found[:1]
    return found if len(found) == files else [None] * files


def _refuse(headers: list[Header], reason: str) -> Reading:
    return Reading([], [FileStatus(header.source.uri, "refused", reason) for header in headers])


def reading_of(header: Header) -> str | None:
    """How a file is read, where that can change; see `Header.detail`."""
    found: str | None = header.detail.get("reading")
    return found


def _file_row(header: Header, task: PatientTask) -> Row:
    source = header.source
    return {
        "uri": source.uri, "root": task.roots.get(source.uri), "status": "refused",
        "reason": None, "item": None, "position": None, "sop_uid": None,
        "size": source.size, "mtime_ns": source.mtime_ns, "sha256": source.sha256,
        "reading": reading_of(header),
    }  # fmt: skip


def refused_row(header: Header, task: PatientTask, reason: str) -> Row:
    """The status row of a file that could not be taken."""
    return {**_file_row(header, task), "reason": reason}
