"""Transaction: changes to one or many patients, visible all at once for each of them, or never."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from explorer.anchor import Anchor
from explorer.commit import commit
from explorer.draft import Draft
from explorer.edit import Row, check_fields
from explorer.errors import NotFoundError
from explorer.free_id import free_id
from explorer.identity import LOCAL
from explorer.layout import COMMIT_TABLES, ORIGIN_TABLES
from explorer.on_s3 import on_s3
from explorer.open_edits import OpenEdits
from explorer.put_run import earlier_runs, put_run
from explorer.put_run_items import made_items, put_run_items
from explorer.records import now
from explorer.records_draft import RecordsDraft
from explorer.run_draft import RunDraft
from explorer.upgrade import upgrade
from explorer.write_item import delete_item, write_item

if TYPE_CHECKING:
    from explorer.store import Store

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
        self._edits = OpenEdits(store)
        self._features: dict[str, tuple[str, list[str]]] = {}
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
            self._edits.close()

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
        self._edits.begin(list(keys.values()))
        for identifier, key in keys.items():
            edit = self._edits.by_key[key]
            if edit.root.base is None and not self._edits.rows(edit, "attributes"):
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
        self._edits.begin(list(keys))

    def discard(self, key: str) -> None:
        """Forget what this transaction was to do to a patient."""
        self._edits.discard(key)

    def rows(self, key: str, table: str) -> list[Row]:
        """A patient's rows as this transaction has them; do not change them.

        Of a joined patient, those of the identity that `key` is.
        """
        return self._edits.edit(key, [table]).rows[table]

    def hold(self, key: str, wait_s: float = 120.0) -> None:
        """Take the patient's lock now, until the end of the transaction.

        What is read after this is what the commit builds on.

        Parameters
        ----------
        key : str
        wait_s : float
            How long to wait for another writer.
        """
        self._edits.hold(key, wait_s)

    def session(self, key: str) -> Any:
        """The patient's arrays, to be changed: an icechunk.Session with the patient's lock held."""
        edit = self._edits.edit(key)
        edit.root.changed_arrays = True
        return self._edits.session(edit)

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
        session = self._edits.session(self._edits.edit(key))
        edit = self._edits.edit(key, ("attributes", "items", "segments"))
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
        edit = self._edits.edit(key, ("attributes", *ORIGIN_TABLES))
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
        edit = self._edits.edit(key)
        wide = made_items(self._edits.rows(edit, "runs"), draft, draft.run(key))
        run = put_run(edit, draft, lambda table: self._edits.rows(edit, table), now())
        if wide:
            put_run_items(self, key, draft, run, earlier_runs(edit.rows["runs"], draft, run))
            return run
        had = any(row.get("origin") == run for row in self.rows(key, "observations"))
        if had or draft.observations or draft.texts:
            self.put_records(key, draft.records(key))
        return run

    def replace_rows(self, key: str, table: str, rows: Sequence[Row]) -> None:
        """Put rows in the place of all of a patient's rows of a record table."""
        edit = self._edits.edit(key, [table])
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
        edit = self._edits.edit(key, ORIGIN_TABLES)
        found = edit.forget_origin(item)
        if not any(row["item"] == item for row in self.rows(key, "items")):
            if found:
                return
            raise NotFoundError(f"No item {item!r}", where=f"patient {key}")
        session = self._edits.session(edit)
        edit = self._edits.edit(key, ("items", "segments"))
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
        self._edits.edit(key, ["facts"]).add_facts(facts)

    def add_text(self, key: str, item: str, text: str, **fields: Any) -> None:
        """Add a report, or replace the one with the same id.

        Parameters
        ----------
        key, item, text : str
        **fields
            name, language, date (ISO), source, synthetic.
        """
        check_fields("texts", fields)
        edit = self._edits.edit(key, ["texts"])
        edit.replace("texts", "item", item, [{"item": item, "text": text, "date": None, **fields}])

    def put_files(self, key: str, rows: Iterable[Row]) -> None:
        """Set status rows of source files; a row replaces the one of the same ``uri``."""
        self._edits.edit(key, ["files"]).put_files(rows)

    def forget_files(self, key: str, uris: Iterable[str]) -> None:
        """Take status rows out (of files that now belong to a patient)."""
        self._edits.edit(key, ["files"]).forget_files(uris)

    def set_attributes(self, key: str, **attributes: Any) -> None:
        """Set columns of the patient's row in ``attributes``."""
        check_fields("attributes", attributes)
        self._edits.edit(key, ["attributes"]).set_attributes(attributes)

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
        edits = self._edits
        whole = edits.whole
        for edit in whole:
            edits.compose(edit, _DATED)
        self._store.records.add_features(self._features)
        versions = commit(self._store, whole, self._message)
        self.versions = {
            key: versions[edit.root.key]
            for key, edit in edits.by_key.items()
            if edit.root.key in versions and key not in edits.unasked
        }
        touched = set().union(*(edit.dirty for edit in whole))
        edits.close()
        edits.by_key.clear()
        if self.versions:
            self._store.records.merge_fragments(sorted({*touched, *COMMIT_TABLES}))
        return self.versions

    def free_id(self, key: str, draft: Draft) -> Draft:
        """A draft as it will be named in the patient; see `free_id`."""
        return free_id(draft, self._edits.edit(key, ("items", "texts")))
