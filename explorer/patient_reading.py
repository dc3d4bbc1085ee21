"""The files of one patient, read by their readers and put into the transaction that holds it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import Any

from explorer.draft import Draft, FileStatus, Grid, Header, ImageDraft, Reading, Source, Status
from explorer.errors import FileRefusedError
from explorer.file_row import file_row, reading_of
from explorer.held_elsewhere import held_elsewhere
from explorer.layout import ORIGIN_TABLES
from explorer.made_twice import made_twice
from explorer.patient import Patient
from explorer.patient_task import PatientTask
from explorer.privacy.mark_draft import mark_draft
from explorer.registry import readers
from explorer.transaction import Transaction

# Masks are placed on images that are there by then; documents speak of both.
_ORDER = ("image", "segmentation", "waveform", "slide", "records")

Row = dict[str, Any]


class PatientReading:
    """The reading of one patient's files inside one transaction.

    Parameters
    ----------
    t : Transaction
        Holds the patient.
    key : str
    task : PatientTask
    before : Patient or None
        As the patient is in the store.
    known : dict
        File to the status row that it has.

    Attributes
    ----------
    grids : dict
        Image to its grid: those that were there, and those that were read.
    made : set of str
        Items that were written.
    """

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
        """Read what is new or changed, and put it into the transaction."""
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
            row = file_row(header, self.task)
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
