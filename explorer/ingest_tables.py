"""Files that speak of many patients: every row to its patient, all of them in one commit."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

import pyarrow as pa
import pyarrow.compute as pc

from explorer.anchor import automatic
from explorer.compose import came_as
from explorer.draft import FileStatus, Header, Source
from explorer.errors import ConflictError, FileRefusedError
from explorer.layout import ORIGIN_TABLES, UNASSIGNED
from explorer.leave_erased import leave_records
from explorer.named_issuers import keep_apart, remember, whose
from explorer.records_draft import RecordsDraft, Row, TablesReading
from explorer.registry import readers
from explorer.source_file import source_is_there
from explorer.store import Store
from explorer.table_maps import give_maps, keep_maps
from explorer.transaction import Transaction

if TYPE_CHECKING:
    from explorer.readers.table_meaning import Meaning

_TRIES = 8


class TableReader(Protocol):
    """What a reader of files of many patients has besides `Reader`."""

    name: str

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn the files of one group into records, each with its patient.

        Returns
        -------
        TablesReading
            With exactly one status for each header.
        """
        ...


@dataclass
class TablesOutcome:
    """What became of the table files of one source tree.

    Attributes
    ----------
    statuses : list of FileStatus
        One a file.
    patients : dict
        Key to version, of the patients that changed.
    faults, shown : list of dict
        As in `TablesReading`.
    """

    statuses: list[FileStatus] = field(default_factory=list)
    patients: dict[str, int] = field(default_factory=dict)
    faults: list[Row] = field(default_factory=list)
    shown: list[Row] = field(default_factory=list)


def ingest_tables(
    store: Store,
    headers: Iterable[Header],
    issuer: Callable[[str], str],
    roots: Mapping[str, str],
    known: Mapping[str, Row],
    maps: Sequence[Meaning] = (),
    *,
    again: bool = False,
) -> TablesOutcome:
    """Take table files in.

    A file that was read before, and in the same way, is left as it is. What a file said before
    of a patient is replaced as a whole, also where it does not speak of the patient any longer.

    Parameters
    ----------
    store : Store
    headers : iterable of Header
        Of kind 'table'.
    issuer : callable
        ``issuer(uri)``: whose identifiers a file uses; the same identifier from the same issuer
        is the same patient, and nothing weaker.
    roots : mapping
        File to source root.
    known : mapping
        File to its status row of an earlier run.
    maps : sequence of Meaning
        What a person says that tables mean; those kept with the store are found here.
    again : bool
        Take in what the files say of patients who were erased from the store.

    Returns
    -------
    TablesOutcome
    """
    outcome = TablesOutcome()
    every, issuer = list(headers), cache(issuer)
    give_maps(store, every, maps)
    copies, moved = _elsewhere(store, every, known, issuer)
    outcome.statuses += copies.values()
    groups: dict[tuple[str, str], list[Header]] = defaultdict(list)
    for header in every:
        if header.source.uri not in copies:
            groups[header.reader, header.group].append(header)
    drafts: list[RecordsDraft] = []
    rows: list[Row] = []
    mappings: list[Row] = []
    for (reader, _), group in sorted(groups.items()):
        if all(_unchanged(header, known.get(header.source.uri)) for header in group):
            outcome.statuses += [_as_before(known[header.source.uri]) for header in group]
            continue
        reading = _read(reader, group)
        notes = {header.source.uri: header.note for header in group}
        reading.statuses = [_noted(status, notes[status.uri]) for status in reading.statuses]
        statuses = {status.uri: status for status in reading.statuses}
        drafts += reading.drafts
        outcome.statuses += reading.statuses
        outcome.faults += reading.faults
        outcome.shown += reading.shown
        mappings += reading.mappings
        rows += [_row(header, statuses[header.source.uri], roots) for header in group]
    if rows:
        keep_apart(store, drafts, issuer)
        drafts = leave_records(store, drafts, issuer, again=again)
        outcome.patients = _commit_again(store, drafts, rows, issuer, moved)
        keep_maps(store, mappings, every)
    return outcome


def _elsewhere(
    store: Store, headers: Sequence[Header], known: Mapping[str, Row],
    issuer: Callable[[str], str],
) -> tuple[dict[str, FileStatus], dict[str, str]]:  # fmt: skip
    """Tables that the store has from another place: copies, and files that have moved.

    Returns
    -------
    copies : dict
        File to its status.
    moved : dict
        The file's former name to the origin of the rows that it left.
    """
    fresh = {h.source.sha256: h.source.uri for h in headers if h.source.uri not in known}
    if not fresh:
        return {}, {}
    copies, moved = {}, {}
    table = store.records.visible("files", ["patient", "uri", "sha256", "status", "item"])
    for row in table.to_pylist():
        uri = fresh.get(row["sha256"])
        held = row["patient"] == UNASSIGNED and row["status"] == "ingested" and row["item"]
        if uri is None or not held or row["uri"] == uri or issuer(uri) != _whose(row, issuer):
            continue
        if source_is_there(row["uri"].partition("!")[0]):
            copies[uri] = FileStatus(uri, "skipped", f"the same bytes as {row['uri']}", None)
        else:
            moved[row["uri"]] = row["item"]
    return copies, moved


def _whose(row: Row, issuer: Callable[[str], str]) -> str | None:
    try:
        return issuer(row["uri"])
    except ValueError:  # below no root that this run knows
        return None


def _commit_again(
    store: Store, drafts: list[RecordsDraft], rows: list[Row], issuer: Callable[[str], str],
    moved: Mapping[str, str],
) -> dict[str, int]:  # fmt: skip
    """Commit; again on top of what another writer has done in the meantime."""
    for attempt in range(_TRIES):
        try:
            return _commit(store, drafts, rows, issuer, moved)
        except ConflictError:
            if attempt == _TRIES - 1:
                raise
            time.sleep(random.uniform(0.05, 0.3) * (attempt + 1))
    raise AssertionError("unreachable")


def _read(reader: str, headers: list[Header]) -> TablesReading:
    try:
        chosen = cast("TableReader", next(one for one in readers() if one.name == reader))
        reading = chosen.read_tables(headers)
    except FileRefusedError as error:
        return _refuse(headers, error.message)
    except (OSError, MemoryError) as error:
        return _refuse(headers, f"cannot be read: {error}")
    except Exception as error:  # noqa: BLE001 - one bad file never stops an ingest
        return _refuse(headers, f"{type(error).__name__}: {error}")
    told = {status.uri for status in reading.statuses}
    left = [header for header in headers if header.source.uri not in told]
    reading.statuses += _refuse(left, "the reader said nothing of it").statuses
    return reading


def _refuse(headers: list[Header], reason: str) -> TablesReading:
    return TablesReading([], [FileStatus(h.source.uri, "refused", reason) for h in headers])


def _noted(status: FileStatus, note: str | None) -> FileStatus:
    reason = "; ".join(part for part in (status.reason, note) if part)
    return replace(status, reason=reason or None)


def _unchanged(header: Header, row: Row | None) -> bool:
    return (
        row is not None
        and row["status"] != "refused"
        and row["sha256"] == header.source.sha256
        and row["reading"] == header.detail.get("reading")
    )


def _as_before(row: Row) -> FileStatus:
    reason = "unchanged since an earlier ingest"
    if row["status"] == "skipped":
        reason += f"; {row['reason']}"
    return FileStatus(row["uri"], "skipped", reason, row["item"])


def _row(header: Header, status: FileStatus, roots: Mapping[str, str]) -> Row:
    source: Source = header.source
    return {
        "uri": source.uri, "root": roots.get(source.uri), "status": status.status,
        "reason": status.reason, "item": status.item, "position": None, "sop_uid": None,
        "size": source.size, "mtime_ns": source.mtime_ns, "sha256": source.sha256,
        "reading": header.detail.get("reading"),
    }  # fmt: skip


def _commit(
    store: Store, drafts: list[RecordsDraft], rows: list[Row], issuer: Callable[[str], str],
    moved: Mapping[str, str],
) -> dict[str, int]:  # fmt: skip
    transaction = store.transaction(f"{len(rows)} tables")
    with transaction as t:
        keys = _keys(t, drafts, issuer)
        written: dict[str, set[str]] = defaultdict(set)
        for draft in drafts:
            key = keys[_person(draft, issuer)]
            written[draft.item].add(key)
            t.put_records(key, _modest(t, key, draft))
        origins = {row["item"] for row in rows if row["item"] and row["status"] == "ingested"}
        origins |= set(moved.values())
        for key, origin in _spoken_of(store, origins):
            if key not in written[origin]:
                t.drop(key, origin)
        t.put_files(UNASSIGNED, rows)
        t.forget_files(UNASSIGNED, moved)
    remember(store, drafts, issuer, keys)
    return {key: v for key, v in transaction.versions.items() if key != UNASSIGNED}


def _modest(t: Transaction, key: str, draft: RecordsDraft) -> RecordsDraft:
    """A table fills in what is not known of a patient; it does not overrule the images."""
    if draft.attributes:
        (about, *_) = t.rows(key, "attributes") or [{}]
        for name in list(draft.attributes):
            free = automatic(about.get("anchor_source"), about.get("anchor_kind"))
            if about.get(name) is not None and not (name.startswith("anchor_") and free):
                del draft.attributes[name]
    return draft


def _person(draft: RecordsDraft, issuer: Callable[[str], str]) -> tuple[str, str]:
    if draft.patient is None or not draft.patient.identifier:
        raise FileRefusedError("Records without a patient", where=draft.name)
    return whose(draft, issuer), draft.patient.identifier


def _keys(
    t: Transaction, drafts: list[RecordsDraft], issuer: Callable[[str], str]
) -> dict[tuple[str, str], str]:
    wanted: dict[str, list[str]] = defaultdict(list)
    for draft in drafts:
        named, identifier = _person(draft, issuer)
        wanted[named].append(identifier)
    return {
        (named, identifier): key
        for named, names in wanted.items()
        for identifier, key in t.patients(dict.fromkeys(names), named).items()
    }


def _spoken_of(store: Store, origins: set[Any]) -> set[tuple[str, str]]:
    """Patients that have rows of an origin, as (key, origin)."""
    found = set()
    wanted = pa.array(sorted(origins), pa.string())
    for table in ORIGIN_TABLES:
        data = store.records.visible(table, ["patient", "origin", "came_as"])
        data = data.filter(pc.is_in(data["origin"], value_set=wanted))
        found |= {(came_as(row, row["patient"]), row["origin"]) for row in data.to_pylist()}
    return found
