"""One call of ingest: source trees in, one after the other, and what became of each file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.assign import assign
from explorer.compose import came_as
from explorer.draft import Header
from explorer.errors import ConflictError
from explorer.found import Found
from explorer.ingest_result import IngestResult
from explorer.ingest_tables import TablesOutcome, ingest_tables
from explorer.layout import UNASSIGNED
from explorer.leave_erased import REASON, leave_erased
from explorer.look import look
from explorer.patient_task import PatientOutcome, PatientTask
from explorer.patient_tasks import PatientTasks, key_of
from explorer.peek_file import Peeked
from explorer.pool import Pool
from explorer.privacy.hide import is_hidden
from explorer.privacy.of_run import PrivacyOfRun
from explorer.progress import progress
from explorer.source_tree import SourceTree
from explorer.store import Store
from explorer.told import ToldFiles
from explorer.walk import walk

if TYPE_CHECKING:
    from explorer.readers.table_meaning import Meaning
    from explorer.s3_source import S3Source

Row = dict[str, Any]
_UNCHANGED = "unchanged since an earlier ingest"


@dataclass
class IngestRun:
    """What one call of `ingest` has met and done so far.

    Attributes
    ----------
    store : Store
    scratch : pathlib.Path
        Where members of archives are unpacked to.
    copy : bool
    patient : str or None
        Whose the files are that do not say it themselves.
    pairs : dict
        Mask file to image file.
    maps : list of Meaning
        What the columns of tables mean.
    again : bool
        Whether patients who were erased are taken in.
    result : IngestResult
    unassigned : dict
        File to the status row of those that belong to no patient.
    assigned : set of str
        Files that belong to one.
    known : dict
        File of the current source tree to the status row that the store has.
    privacy : PrivacyOfRun or None
        Of a run that de-identifies.
    told : ToldFiles or None
        Whose files are, where a person has said it.
    holders : dict
        File to the key of its patient.
    issuers : dict
        File to the issuer that a person has said.
    """

    store: Store
    scratch: Path
    copy: bool
    patient: str | None
    pairs: dict[str, str]
    maps: list[Meaning]
    again: bool = False
    result: IngestResult = field(default_factory=IngestResult)
    unassigned: dict[str, Row] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    known: dict[str, Row] = field(default_factory=dict)
    privacy: PrivacyOfRun | None = None
    told: ToldFiles | None = None
    holders: dict[str, str] = field(default_factory=dict)
    issuers: dict[str, str] = field(default_factory=dict)

    def name(self, path: str) -> str:
        """What stands in the store for a path."""
        return path if self.privacy is None else self.privacy.name(path)

    def source(self, place: Path | S3Source, tree: SourceTree, pool: Pool) -> None:
        """One source tree: find, look, assign, commit a patient at a time."""
        if self.privacy is None:
            met = walk(place, self.scratch)
        else:
            met = iter(self.privacy.files(walk(place, self.privacy.how.outside), pool))
        found = {f.uri: f for f in met}
        table = self.store.records.visible("files")
        self.known = {
            # of a joined patient, whose identity's file it is
            row["uri"]: {**row, "patient": came_as(row, row["patient"])}
            for row in table.to_pylist()
            if row["uri"] in found
        }
        fresh = [f for f in found.values() if not self._same(f)]
        peeked = self._look(fresh, pool)
        again = self._companions(found, peeked, tree)
        peeked |= self._look(again, pool)
        erased = self._erased(peeked, tree)
        peeked = {uri: p for uri, p in peeked.items() if uri not in erased}
        tables = [p.header for p in peeked.values() if p.header and p.header.kind == "table"]
        tasks = self._tasks(peeked, tree)
        labels = self._labels()
        for uri, f in found.items():
            if uri in erased:
                self._say(f.uri, "skipped", REASON, None, None)
            elif uri not in peeked:
                row = self.known[uri]
                label = labels.get(row["patient"])
                self._say(f.uri, "skipped", _reason(row), label, row["item"])
        with progress("Patients", len(tasks)) as step:
            for outcome in pool.patients(tasks):
                self._take(outcome)
                step(outcome.label)
        roots = {uri: p.found.root for uri, p in peeked.items()}
        self._take_tables(
            ingest_tables(
                self.store, tables, tree.issuer, roots, self.known, self.maps, again=self.again
            )
        )

    def _erased(self, peeked: Mapping[str, Peeked], tree: SourceTree) -> set[str]:
        """Files of people who were erased; their names are said, and not kept."""
        people = assign(_headers(peeked), tree.issuer, self.patient)
        hashes = {uri: p.sha256 for uri, p in peeked.items()}
        return leave_erased(self.store, people, hashes, again=self.again)

    def _take_tables(self, outcome: TablesOutcome) -> None:
        for status in outcome.statuses:
            self._say(status.uri, status.status, status.reason, None, status.item)
        self.result.faults += outcome.faults
        self.result.shown += outcome.shown
        labels = self._labels() if outcome.patients else {}
        told = {row["key"]: row for row in self.result.patients}
        for key, version in outcome.patients.items():
            row = {"id": labels.get(key, key), "key": key, "version": version, "changed": True}
            if key in told:
                told[key].update(row)
            else:
                self.result.patients.append({**row, "items": 0})

    def _labels(self) -> dict[str, str]:
        labels = self.store.keys_and_labels()
        lead = self.store.records.hidden()
        return labels | {key: labels[into] for key, into in lead.items() if into in labels}

    def _same(self, found: Found) -> bool:
        row = self.known.get(found.uri)
        if row is None or row["status"] == "refused" or found.uri in self.pairs:
            return False
        if row["patient"] == UNASSIGNED:
            return False  # a reader that knows it may have been added since
        if self.told is not None and not self.told.has(found.uri, found.relative, row["patient"]):
            return False  # somebody says by now that it is another one's
        return _as_it_was(found, row)

    def _look(self, files: Sequence[Found], pool: Pool) -> dict[str, Peeked]:
        calls: list[tuple[Any, ...]] = []
        for f in files:
            row = self.known.get(f.uri)
            sha256 = row["sha256"] if row is not None and _as_it_was(f, row) else None
            if self.privacy is None:
                calls.append((f, self.scratch, sha256))
            else:
                calls.append((f, self.scratch, None, self.privacy.how, self.privacy.people(f)))
        peeked = {}
        with progress("Files", len(calls)) as step:
            for one in pool.map(look, calls, _died):
                peeked[one.found.uri] = one
                step(one.found.relative)
                if one.header is not None and one.found.uri in self.pairs:
                    one.header.detail["pair"] = self.pairs[one.found.uri]
                if one.header is not None and one.header.kind != "table":
                    self._tell(one.found, one.header)
        return peeked

    def _tell(self, found: Found, header: Header) -> None:
        """Whose a file is, where a person has said it."""
        told = self.told.of(found.uri, found.relative) if self.told else None
        if told is not None:
            issuer, identifier = told
            header.patient = replace(header.patient, identifier=identifier, issuer=None)
            header.detail["told"] = True
            if issuer is not None:
                self.issuers[found.uri] = issuer

    def _issuer(self, tree: SourceTree) -> Callable[[str], str]:
        return lambda uri: self.issuers[uri] if uri in self.issuers else tree.issuer(uri)

    def _companions(
        self, found: Mapping[str, Found], peeked: Mapping[str, Peeked], tree: SourceTree
    ) -> list[Found]:
        """Unchanged files of the patients that have news: a series is read as a whole."""
        people = assign(_headers(peeked), self._issuer(tree), self.patient)
        keys = {key_of(self.store, person) for person in people}
        keys |= {self.known[uri]["patient"] for uri in peeked if uri in self.known}
        keys -= {None, UNASSIGNED}
        return [
            f
            for uri, f in found.items()
            if uri not in peeked and uri in self.known and self.known[uri]["patient"] in keys
        ]

    def _tasks(self, peeked: Mapping[str, Peeked], tree: SourceTree) -> list[PatientTask]:
        roots = {uri: p.found.root for uri, p in peeked.items()}
        refused: dict[str, list[Row]] = defaultdict(list)
        for uri, p in peeked.items():
            owner = self.known[uri]["patient"] if uri in self.known else UNASSIGNED
            if p.header is None and owner != UNASSIGNED:
                refused[owner].append(_row(p, "refused" if p.refused else "skipped"))
            elif p.header is None:
                self._leave(p)
        people = assign(_headers(peeked), self._issuer(tree), self.patient)
        return PatientTasks(self.store, self.known, roots, self.copy).of(people, refused)

    def _leave(self, p: Peeked) -> None:
        status = "refused" if p.refused else "skipped"
        self.unassigned[p.found.uri] = _row(p, status)
        self._say(p.found.uri, status, p.refused or p.skipped, None, None)

    def _take(self, outcome: PatientOutcome) -> None:
        if not outcome.key:
            for row in outcome.rows:
                if row["reason"] != REASON:
                    self.unassigned[row["uri"]] = row
                self._say(row["uri"], row["status"], row["reason"], None, None)
            return
        self.result.patients.append(
            {
                "id": outcome.label, "key": outcome.key, "version": outcome.version,
                "changed": outcome.changed, "items": outcome.items,
            }
        )  # fmt: skip
        for row in outcome.rows:
            self.assigned.add(row["uri"])
            self.holders[row["uri"]] = outcome.key
            old = self.known.get(row["uri"])
            if old is not None and not outcome.changed and row["status"] != "refused":
                self._say(row["uri"], "skipped", _reason(old), outcome.label, row["item"])
            else:
                self._say(row["uri"], row["status"], row["reason"], outcome.label, row["item"])

    def _say(
        self, uri: str, status: str, reason: str | None, patient: str | None, item: str | None
    ) -> None:
        self.result.files.append(
            {"path": uri, "status": status, "reason": reason, "patient": patient, "item": item}
        )

    def remember_unassigned(self) -> None:
        """Keep the status of files that belong to no patient."""
        for _ in range(8):
            try:
                with self.store.transaction("files of no patient") as t:
                    have = {row["uri"]: row for row in t.rows(UNASSIGNED, "files")}
                    fresh = [
                        row
                        for uri, row in self.unassigned.items()
                        if any(have.get(uri, {}).get(k, "") != v for k, v in row.items())
                    ]
                    if fresh:
                        t.put_files(UNASSIGNED, fresh)
                    t.forget_files(UNASSIGNED, self.assigned)
            except ConflictError:
                continue
            return


def _died(found: Found, *_: Any) -> Peeked:
    return Peeked(found, refused="the process that looked at the file died")


def _headers(peeked: Mapping[str, Peeked]) -> list[Header]:
    """Of the files that are not tables."""
    return [p.header for p in peeked.values() if p.header and p.header.kind != "table"]


def _row(p: Peeked, status: str) -> Row:
    return {
        "uri": p.found.uri, "root": p.found.root, "status": status,
        "reason": p.refused or p.skipped, "item": None, "position": None, "sop_uid": None,
        "size": p.found.size, "mtime_ns": p.found.mtime_ns, "sha256": p.sha256, "reading": None,
    }  # fmt: skip


def _as_it_was(found: Found, row: Row) -> bool:
    # a copy has a size of its own; what stands for the file's time was made of its size too
    same_size = is_hidden(found.uri) or row["size"] == found.size
    return bool(same_size and row["mtime_ns"] == found.mtime_ns)


def _reason(row: Row) -> str:
    return _UNCHANGED if row["status"] != "skipped" else f"{_UNCHANGED}; {row['reason']}"
