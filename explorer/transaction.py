"""Transaction: changes to one or many patients, visible all at once for each of them, or never."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from explorer.anchor import Anchor
from explorer.commit import commit
from explorer.compose import came_as, compose
from explorer.draft import Draft
from explorer.edit import FACT_FIELDS, Edit, Row, check_fields, fact_row
from explorer.erasing import being_erased
from explorer.errors import ConflictError, NotFoundError
from explorer.free_id import free_id
from explorer.identity import LOCAL
from explorer.layout import COMMIT_TABLES, ORIGIN_TABLES, UNASSIGNED
from explorer.lock import lock
from explorer.on_s3 import on_s3
from explorer.put_run import earlier_runs, put_run
from explorer.put_run_items import made_items, put_run_items
from explorer.records import now
from explorer.records_draft import RecordsDraft
from explorer.run_draft import RunDraft
from explorer.upgrade import upgrade
from explorer.write_item import delete_item, write_item

if TYPE_CHECKING:
    from explorer.store import Store

_PRELOAD_AT = 32
_DATED = ("items", "attributes", *ORIGIN_TABLES)


class Transaction:
    """Use as ``with store.transaction("why") as t: ...``; leaving the block commits.

    Parameters
    ----------
    store : Store
    message : str
        Kept in each patient's history.

    Raises
    ------
    ConflictError
        On commit: another writer has moved a patient in the meantime. Nothing of this
        transaction is visible for that patient; try again on top of the new version.
    """

    def __init__(self, store: Store, message: str) -> None:
        upgrade(store)
        self._store = store
        self._message = message
        self._edits: dict[str, Edit] = {}
        self._features: dict[str, tuple[str, list[str]]] = {}
        # visible patients who are here only because of an identity that was joined into them
        self._unasked: set[str] = set()
        self.versions: dict[str, int] = {}

    def __enter__(self) -> Transaction:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            for edit in self._edits.values():
                edit.held.close()

    def patient(self, identifier: str, issuer: str = LOCAL, **attributes: Any) -> str:
        """Find or make a patient.

        Parameters
        ----------
        identifier : str
        issuer : str
            Only the same identifier from the same issuer is the same patient.
        **attributes
            Columns of the table ``attributes``: sex, birth_date, made_up, synthetic, note.

        Returns
        -------
        str
            The key.
        """
        key = self.patients([identifier], issuer)[identifier]
        wanted = {name: value for name, value in attributes.items() if value is not None}
        if wanted:
            self.set_attributes(key, **wanted)
        return key

    def patients(self, identifiers: Iterable[str], issuer: str = LOCAL) -> dict[str, str]:
        """Find or make many patients at once.

        Returns
        -------
        dict
            Identifier to key.

        Raises
        ------
        ErasedError
            Somebody of that name was erased (``oncograph ingest --again`` forgets that).
        """
        keys = self._store.identity.reserve(issuer, identifiers, self._store.tombstones.persons)
        self._begin(list(keys.values()))
        for identifier, key in keys.items():
            edit = self._edits[key]
            if edit.root.base is None and not self._table(edit, "attributes"):
                edit.rows["attributes"] = [
                    {"label": identifier, "issuer": issuer, "made_up": False, "synthetic": False}
                ]
                edit.dirty.add("attributes")
        return keys

    def begin(self, keys: Iterable[str]) -> None:
        """Say who will be changed: then each table is read once for all of them, when it is needed.

        Parameters
        ----------
        keys : iterable of str
        """
        self._begin(list(keys))

    def _begin(self, keys: Sequence[str]) -> None:
        self._unasked -= set(keys)
        fresh = [key for key in keys if key not in self._edits]
        if not fresh:
            return
        if len(fresh) > _PRELOAD_AT:
            heads = {head.patient: head for head in self._store.records.heads()}
        else:
            found = (self._store.records.head(key) for key in fresh)
            heads = {head.patient: head for head in found if head}
        # the heads were read first: a patient who is joined after this has a newer one by then
        lead = self._store.records.hidden()
        for key in sorted(fresh, key=lambda key: key in lead):
            if key not in lead:
                self._edits[key] = Edit(key, heads.get(key))
                continue
            if lead[key] not in self._edits:
                self._begin([lead[key]])
                self._unasked.add(lead[key])
            self._edits[key] = Edit(key, None, whole=self._edits[lead[key]])
            self._edits[lead[key]].parts.append(self._edits[key])

    def _edit(self, key: str) -> Edit:
        self._begin([key])
        return self._edits[key]

    def _table(self, edit: Edit, table: str) -> list[Row]:
        if table in edit.rows:
            return edit.rows[table]
        root = edit.root
        if root.base is None:
            edit.rows[table] = []
            return edit.rows[table]
        if table not in root.loaded:
            if len(self._edits) > _PRELOAD_AT:
                self._preload(table)
            else:
                root.loaded[table] = self._store.records.rows(table, root.base)
        edit.rows[table] = [r for r in root.loaded[table] if came_as(r, root.key) == edit.key]
        return edit.rows[table]

    def _preload(self, table: str) -> None:
        """Read a table once for all patients of a large transaction."""
        waiting = {k: e for k, e in self._edits.items() if e.base and table not in e.loaded}
        for edit in waiting.values():
            edit.loaded[table] = []
        for row in self._store.records.visible(table).to_pylist():
            if row["patient"] in waiting:
                waiting[row["patient"]].loaded[table].append(row)

    def discard(self, key: str) -> None:
        """Forget what this transaction was to do to a patient."""
        gone = self._edits.pop(key)
        if gone.whole is None:
            for part in gone.parts:
                self._edits.pop(part.key)
            gone.held.close()
            return
        gone.root.parts.remove(gone)
        if gone.root.key in self._unasked and not gone.root.parts:
            self.discard(gone.root.key)

    def rows(self, key: str, table: str) -> list[Row]:
        """A patient's rows as this transaction has them; do not change them.

        Of a joined patient, those of the identity that `key` is.
        """
        return self._table(self._edit(key), table)

    def hold(self, key: str, wait_s: float = 120.0) -> None:
        """Take the patient's lock now, until the end of the transaction.

        What is read after this is what the commit builds on.

        Parameters
        ----------
        key : str
        wait_s : float
            How long to wait for another writer.
        """
        edit = self._edit(key).root
        if not edit.locked:
            edit.still_held = edit.held.enter_context(lock(self._store.place, edit.key, wait_s))
            edit.locked = True
            self._rebase(edit)
            named = edit.key == UNASSIGNED or self._store.identity.names(edit.key)
            if (edit.base is None and not named) or being_erased(self._store, edit.key):
                raise ConflictError("The patient was erased", where=f"patient {key}")

    def _rebase(self, edit: Edit) -> None:
        head = self._store.records.head(edit.key)
        if (head and head.commit) == (edit.base and edit.base.commit):
            return
        if edit.dirty - {"attributes"} or edit.base is not None:
            raise ConflictError(
                "Another writer has changed the patient",
                where=f"patient {edit.key}",
                do="try again",
            )
        if edit.key in self._store.records.hidden():
            raise ConflictError("The patient was joined", where=f"patient {edit.key}", do="again")
        edit.base, edit.rows, edit.loaded = head, {}, {}
        edit.dirty.clear()

    def _session(self, edit: Edit) -> Any:
        edit = edit.root
        if edit.session is None:
            self.hold(edit.key)
            arrays = self._store.arrays(edit.key)
            edit.session = arrays.write(edit.base.snapshot if edit.base else None)
        return edit.session

    def session(self, key: str) -> Any:
        """The patient's arrays, to be changed: an icechunk.Session with the patient's lock held."""
        edit = self._edit(key)
        edit.root.changed_arrays = True
        return self._session(edit)

    def put(self, key: str, draft: Draft, *, copy: bool = False) -> str:
        """Add an item or a source's records, or replace those with the same id.

        Parameters
        ----------
        key : str
        draft : ImageDraft, SegmentationDraft, WaveformDraft, SlideDraft or RecordsDraft
        copy : bool
            Copy pixels even where they could stay in the source file.

        Returns
        -------
        {'referenced', 'copied'}
        """
        if isinstance(draft, RecordsDraft):
            self.put_records(key, draft)
            return "copied"
        edit = self._edit(key)
        session = self._session(edit)
        for table in ("attributes", "items", "segments"):
            self._table(edit, table)
        draft = free_id(draft, edit)
        # other machines cannot see this one's files
        copy = copy or not (
            self._store.place.local or on_s3(draft.sources[0].uri if draft.sources else "")
        )
        edit.root.changed_arrays = True
        try:
            written = write_item(session, draft, copy=copy)
        except BaseException:
            edit.forget_item(draft.item)
            raise
        edit.put_item(draft, written)
        return written.storage

    def put_records(self, key: str, draft: RecordsDraft) -> None:
        """Put a source's rows in the place of what the same source said before.

        Raises
        ------
        StoreError
            A row has fields that its table does not have.
        """
        edit = self._edit(key)
        for table in ("attributes", *ORIGIN_TABLES):
            self._table(edit, table)
        edit.put_records(free_id(draft, edit))
        self._features |= draft.features

    def put_run(self, key: str, draft: RunDraft) -> str:
        """Put what a program derived in the place of what the same version of it said before.

        Earlier versions stay, and are no longer current; their items, facts and vectors leave
        the newest version. Saying the same again is no change, but for items.

        Parameters
        ----------
        key : str
        draft : RunDraft

        Returns
        -------
        str
            The run's id: the origin of its observations and texts.

        Raises
        ------
        StoreError
            A row has fields that its table does not have.
        """
        edit = self._edit(key)
        wide = made_items(self._table(edit, "runs"), draft, draft.run(key))
        run = put_run(edit, draft, lambda table: self._table(edit, table), now())
        if wide:
            put_run_items(self, key, draft, run, earlier_runs(edit.rows["runs"], draft, run))
            return run
        had = any(row.get("origin") == run for row in self._table(edit, "observations"))
        if had or draft.observations or draft.texts:
            self.put_records(key, draft.records(key))
        return run

    def replace_rows(self, key: str, table: str, rows: Sequence[Row]) -> None:
        """Put rows in the place of all of a patient's rows of a record table."""
        edit = self._edit(key)
        self._table(edit, table)
        edit.rows[table] = list(rows)
        edit.dirty.add(table)

    def drop(self, key: str, item: str) -> None:
        """Take an item, or all records of a source, out of the newest version.

        Older versions keep it.

        Parameters
        ----------
        key : str
        item : str
            An item's id, or the origin of records.

        Raises
        ------
        NotFoundError
            There is no such item.
        """
        edit = self._edit(key)
        for table in ORIGIN_TABLES:
            self._table(edit, table)
        found = edit.forget_origin(item)
        if not any(row["item"] == item for row in self._table(edit, "items")):
            if found:
                return
            raise NotFoundError(f"No item {item!r}", where=f"patient {key}")
        session = self._session(edit)
        for table in ("items", "segments"):
            self._table(edit, table)
        delete_item(session, item)
        edit.root.changed_arrays = True
        edit.forget_item(item)

    def add_facts(self, key: str, facts: Iterable[Mapping[str, Any]]) -> None:
        """Add facts.

        Parameters
        ----------
        key : str
        facts : iterable of mappings
            With ``name`` and ``value``, and any of number, unit, code, day, date, state, source.
            A value that is missing (None, NaN) should have a ``state`` that says why: 'absent',
            'not acquired', ...

        Raises
        ------
        StoreError
            A fact has no name, or fields that are unknown.
        """
        edit = self._edit(key)
        have = self._table(edit, "facts")
        seen = {tuple(row.get(name) for name in FACT_FIELDS) for row in have}
        for fact in facts:
            row = fact_row(fact)
            same = tuple(row.get(name) for name in FACT_FIELDS)
            if same not in seen:
                seen.add(same)
                have.append(row)
                edit.dirty.add("facts")

    def add_text(self, key: str, item: str, text: str, **fields: Any) -> None:
        """Add a report, or replace the one with the same id.

        Parameters
        ----------
        key, item, text : str
        **fields
            name, language, date (ISO), source, synthetic.
        """
        check_fields("texts", fields)
        edit = self._edit(key)
        self._table(edit, "texts")
        edit.replace("texts", "item", item, [{"item": item, "text": text, "date": None, **fields}])

    def put_files(self, key: str, rows: Iterable[Row]) -> None:
        """Set status rows of source files; a row replaces the one of the same ``uri``."""
        edit = self._edit(key)
        fresh = {row["uri"]: row for row in rows}
        kept = [row for row in self._table(edit, "files") if row["uri"] not in fresh]
        edit.rows["files"] = kept + list(fresh.values())
        edit.dirty.add("files")

    def forget_files(self, key: str, uris: Iterable[str]) -> None:
        """Take status rows out (of files that now belong to a patient)."""
        edit = self._edit(key)
        gone = set(uris)
        kept = [row for row in self._table(edit, "files") if row["uri"] not in gone]
        if len(kept) != len(edit.rows["files"]):
            edit.rows["files"] = kept
            edit.dirty.add("files")

    def set_attributes(self, key: str, **attributes: Any) -> None:
        """Set columns of the patient's row in ``attributes``."""
        check_fields("attributes", attributes)
        edit = self._edit(key)
        self._table(edit, "attributes")
        current = edit.attributes
        if any(current.get(name) != value for name, value in attributes.items()):
            current.update(attributes)
            edit.dirty.add("attributes")

    def set_anchor(self, key: str, anchor: Anchor) -> None:
        """Set time zero; the days of all items follow."""
        self.set_attributes(
            key, anchor_date=anchor.date, anchor_kind=anchor.kind, anchor_source=anchor.source
        )

    def commit(self) -> dict[str, int]:
        """Make it visible; called on leaving the block.

        Returns
        -------
        dict
            Key to new version; patients without a change are left out.
        """
        whole = [edit for edit in self._edits.values() if edit.whole is None]
        for edit in whole:
            self._compose(edit)
        self._store.records.add_features(self._features)
        versions = commit(self._store, whole, self._message)
        self.versions = {
            key: versions[edit.root.key]
            for key, edit in self._edits.items()
            if edit.root.key in versions and key not in self._unasked
        }
        touched = set().union(*(edit.dirty for edit in whole))
        for edit in whole:
            edit.held.close()
        self._edits.clear()
        if self.versions:
            self._store.records.merge_fragments(sorted({*touched, *COMMIT_TABLES}))
        return self.versions

    def _compose(self, edit: Edit) -> None:
        """Settle the days of a patient, and put the rows of its identities together."""
        dirty = edit.dirty.union(*(part.dirty for part in edit.parts))
        tables = set(dirty)
        if dirty & set(_DATED):
            tables |= set(_DATED)
        for table in tables:
            self._table(edit, table)
        for table in tables:
            edit.rows[table] = compose(edit, edit.parts, table)
        edit.dirty = dirty
        if dirty & set(_DATED):
            edit.settle_days()

    def free_id(self, key: str, draft: Draft) -> Draft:
        """A draft as it will be named in the patient; see `free_id`."""
        edit = self._edit(key)
        for table in ("items", "texts"):
            self._table(edit, table)
        return free_id(draft, edit)
