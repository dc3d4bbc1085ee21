"""Ingest: folders and archives in, whole patients out, one status a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.accept import accept
from explorer.assign import Person, assign
from explorer.compose import came_as
from explorer.deidentify import Deidentification, People
from explorer.draft import Header
from explorer.erase import finish_erasures
from explorer.errors import ConflictError, FileRefusedError, StoreError
from explorer.found import Found
from explorer.ingest_patient import PatientOutcome, PatientTask
from explorer.ingest_result import IngestResult
from explorer.ingest_tables import TablesOutcome, ingest_tables
from explorer.layout import UNASSIGNED
from explorer.leave_erased import REASON, leave_erased
from explorer.on_s3 import on_s3
from explorer.part import part_of
from explorer.patient_map import read_patient_map
from explorer.peek_file import Peeked, peek_file
from explorer.place import Place
from explorer.pool import Pool, pool_of
from explorer.privacy.hide import is_hidden
from explorer.privacy.look import look_deidentified
from explorer.privacy.of_run import PrivacyOfRun, privacy_of_run
from explorer.progress import progress
from explorer.registry import readers
from explorer.scratch import scratch
from explorer.source_tree import SourceTree, source_tree
from explorer.store import Store, open_store
from explorer.table_maps import read_map_file
from explorer.told import ToldFiles, join_told
from explorer.unpack import unpack
from explorer.walk import source_of, walk

if TYPE_CHECKING:
    from explorer.readers.table_meaning import Meaning
    from explorer.s3_source import S3Source

Row = dict[str, Any]
_UNCHANGED = "unchanged since an earlier ingest"


def ingest(
    sources: str | Path | Iterable[str | Path | S3Source],
    store: Store | Place | str | Path,
    *,
    copy: bool = False,
    workers: int = 1,
    patient: str | None = None,
    issuer: str | None = None,
    pairs: Mapping[str, str] | None = None,
    tables: str | Path | None = None,
    deidentify: bool = False,
    refuse_burned_in: bool = False,
    again: bool = False,
    scheduler: str | None = None,
    patient_map: str | Path | None = None,
    accept_matches: Iterable[str] = (),
) -> IngestResult:
    """Take folders, archives and files into a store.

    Running it again changes nothing; a changed source makes a new version of its patient. It can
    be stopped at any moment: a patient is in whole or not at all, and the next run goes on.

    Parameters
    ----------
    sources : path or paths
        Folders, archives, files; as text also ``s3://bucket/prefix``, whose objects are fetched
        once to be read, with the credentials of the environment. Uncompressed pixels stay there.
    store : Store, path or ``s3://bucket/prefix``
        Made where there is none.
    copy : bool
        Copy pixels into the store even where they could stay in the source files. A store on
        S3 always copies those of folders: other machines cannot see this one's files.
    workers : int
        Processes that read; 1 reads in this one.
    patient : str, optional
        Whose the files are that do not say it themselves.
    issuer : str, optional
        Who gave out the identifiers; by default each source tree stands for itself.
    pairs : mapping, optional
        Mask file to image file, where names and grids do not say it.
    tables : path, optional
        A map (YAML) that says what the columns of tables mean, where the guess is wrong.
    deidentify : bool
        Read nothing but de-identified copies; docs/security.md says what is done and what not.
    refuse_burned_in : bool
        With `deidentify`, refuse pictures that may have text in their pixels.
    again : bool
        Take patients in who were erased from the store; without it their files are skipped.
    scheduler : str, optional
        Address of a Dask scheduler: its workers read, in place of processes of this machine.
    patient_map : path, optional
        A CSV file that says whose identifiers and files are; see `read_patient_map`. Files go to
        those patients, and identifiers are joined, as with `explorer.join.join`.
    accept_matches : iterable of str, optional
        Ids of proposals of `explorer.match.match` to join at the end, or 'safe'.

    Returns
    -------
    IngestResult

    Raises
    ------
    MapError, PatientMapError
        A map cannot be read, or says what cannot be.
    """
    if scheduler is not None and (deidentify or refuse_burned_in):
        raise StoreError(
            "De-identification runs on this machine, and not on a cluster",
            expected="the key of the pseudonyms and the files that they stand for to stay here",
            do="leave --scheduler out, and use --workers",
        )
    if patient_map is not None and deidentify:
        raise StoreError(
            "A patient map names people, and --deidentify hides them from the store",
            do="ingest with --deidentify alone, and join with: oncograph match STORE --accept ID",
        )
    given = read_patient_map(Path(patient_map)) if patient_map is not None else None
    maps = read_map_file(tables) if tables is not None else []
    readers()  # one that cannot be loaded is told now, and not as the fault of every file
    opened = store if isinstance(store, Store) else open_store(store, create=True)
    places = [source_of(p) for p in ([sources] if isinstance(sources, str | Path) else sources)]
    if any(isinstance(place, Place) for place in places):
        _refuse_on_s3(deidentify or refuse_burned_in, scheduler)
    finish_erasures(opened)
    # private: what is unpacked here are patients' files
    with scratch(opened, "ingest") as folder:
        run = _Run(opened, folder, copy, patient, _absolute(pairs or {}), maps, again)
        run.told = ToldFiles(opened, given)
        with pool_of(scheduler, workers, opened, places) as pool, ExitStack() as stack:
            if deidentify:
                run.privacy = stack.enter_context(
                    privacy_of_run(opened, folder, patient, refuse_burned_in)
                )
                run.patient = run.privacy.shown(patient)
                run.pairs = run.privacy.pairs(run.pairs)
                issuer = run.privacy.shown(issuer)
            for place in places:
                run.source(place, source_tree(opened, place, issuer, run.name), pool)
            run.remember_unassigned()
            run.result.sources = run.privacy.sources if run.privacy else {}
    run.told.remember(run.holders)
    if given is not None:
        run.result.joined += join_told(opened, given)
    wanted = list(accept_matches)
    run.result.joined += [
        {"identifier": one.patient, "patient": one.into, "done": "joined", "id": one.id}
        for one in (accept(opened, wanted) if wanted else ())
    ]
    return run.result


def _refuse_on_s3(hidden: bool, scheduler: str | None) -> None:
    if hidden or scheduler is not None:
        raise StoreError(
            "Sources on S3 are read by this machine, and as they are",
            expected="neither --deidentify nor --scheduler",
            do="download them, and ingest the folder",
        )


def _absolute(pairs: Mapping[str, str]) -> dict[str, str]:
    def whole(name: str) -> str:
        return name if on_s3(name) else str(Path(name).resolve())

    return {whole(mask): whole(image) for mask, image in pairs.items()}


def look(
    found: Found,
    scratch: Path,
    known_sha256: str | None,
    how: Deidentification | None = None,
    people: People | None = None,
) -> Peeked:
    """Unpack where needed, hash, and ask the readers: one file's part of a run.

    With `how` the readers are asked about a de-identified copy, and never see the file.
    """
    if how is not None:
        return look_deidentified(found, how, people or {})
    path = found.path
    if (found.archive or found.tag) and not (found.refused or found.skipped):
        try:
            path = unpack(found, scratch) if found.tag is None else _fetch(found, scratch)
        except FileRefusedError as error:
            return Peeked(found, refused=error.message)
    return peek_file(found, path, known_sha256)


def _fetch(found: Found, scratch: Path) -> Path:
    from explorer.s3_source import fetch_object

    return fetch_object(found.uri, str(found.tag), scratch)


def _died(found: Found, *_: Any) -> Peeked:
    return Peeked(found, refused="the process that looked at the file died")


@dataclass
class _Run:
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
        headers = [p.header for p in peeked.values() if p.header and p.header.kind != "table"]
        people = assign(headers, tree.issuer, self.patient)
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
        headers = [p.header for p in peeked.values() if p.header and p.header.kind != "table"]
        people = assign(headers, self._issuer(tree), self.patient)
        keys = {self._key(person) for person in people}
        keys |= {self.known[uri]["patient"] for uri in peeked if uri in self.known}
        keys -= {None, UNASSIGNED}
        return [
            f
            for uri, f in found.items()
            if uri not in peeked and uri in self.known and self.known[uri]["patient"] in keys
        ]

    def _tasks(self, peeked: Mapping[str, Peeked], tree: SourceTree) -> list[PatientTask]:
        headers = [p.header for p in peeked.values() if p.header and p.header.kind != "table"]
        roots = {uri: p.found.root for uri, p in peeked.items()}
        refused: dict[str, list[Row]] = defaultdict(list)
        for uri, p in peeked.items():
            owner = self.known[uri]["patient"] if uri in self.known else UNASSIGNED
            if p.header is None and owner != UNASSIGNED:
                refused[owner].append(_row(p, "refused" if p.refused else "skipped"))
            elif p.header is None:
                self._leave(p)
        tasks = {}
        for person, theirs in assign(headers, self._issuer(tree), self.patient).items():
            key = self._key(person)
            tasks[key or person] = self._task(person, theirs, refused.pop(key or "", []), roots)
        self._gone(peeked, tasks, refused, roots)
        return list(tasks.values())

    def _key(self, person: Person) -> str | None:
        known = self.store.identity.known(person.issuer, [person.identifier])
        return known.get(person.identifier)

    def _task(
        self, person: Person, headers: list[Header], refused: list[Row], roots: dict[str, str]
    ) -> PatientTask:
        return PatientTask(self.store.place, person, headers, refused, [], roots, self.copy)

    def _gone(
        self, peeked: Mapping[str, Peeked], tasks: dict[Any, PatientTask],
        refused: dict[str, list[Row]], roots: dict[str, str],
    ) -> None:  # fmt: skip
        """Files that changed hands: their former patient gets a new version without them."""
        holders = {h.source.uri: key for key, task in tasks.items() for h in task.headers}
        lost: dict[str, list[str]] = defaultdict(list)
        for uri, holder in holders.items():
            owner = self.known[uri]["patient"] if uri in self.known else UNASSIGNED
            if owner not in (UNASSIGNED, holder):
                lost[owner].append(uri)
        for key in {*lost, *refused}:
            if key not in tasks:
                part = part_of(self.store, key)
                about = part.rows("attributes")[0] if part else {}
                person = Person(about["issuer"], about["label"], bool(about["made_up"]))
                tasks[key] = self._task(person, [], refused.get(key, []), roots)
            tasks[key].gone.extend(lost.get(key, []))

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
