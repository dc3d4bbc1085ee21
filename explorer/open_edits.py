"""The edits that a transaction has open: a patient each, read when needed, locked when written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from explorer.compose import came_as, compose
from explorer.edit import Edit, Row
from explorer.erasing import being_erased
from explorer.errors import ConflictError
from explorer.layout import UNASSIGNED
from explorer.lock import lock

if TYPE_CHECKING:
    from explorer.store import Store

_PRELOAD_AT = 32


class OpenEdits:
    """The patients of one transaction, each with the version that its edit builds on.

    Parameters
    ----------
    store : Store

    Attributes
    ----------
    by_key : dict of str to Edit
        Those of joined identities, and those of the visible patients that they are part of.
    unasked : set of str
        Visible patients who are here only because of an identity that was joined into them.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.by_key: dict[str, Edit] = {}
        self.unasked: set[str] = set()

    @property
    def whole(self) -> list[Edit]:
        """The edits that are committed: those of visible patients."""
        return [edit for edit in self.by_key.values() if edit.whole is None]

    def begin(self, keys: Sequence[str]) -> None:
        """Open the edits of patients; large numbers are read at once."""
        self.unasked -= set(keys)
        fresh = [key for key in keys if key not in self.by_key]
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
                self.by_key[key] = Edit(key, heads.get(key))
                continue
            if lead[key] not in self.by_key:
                self.begin([lead[key]])
                self.unasked.add(lead[key])
            self.by_key[key] = Edit(key, None, whole=self.by_key[lead[key]])
            self.by_key[lead[key]].parts.append(self.by_key[key])

    def edit(self, key: str, tables: Collection[str] = ()) -> Edit:
        """The edit of a patient, opened where it is not, with the rows of some tables read."""
        self.begin([key])
        edit = self.by_key[key]
        for table in tables:
            self.rows(edit, table)
        return edit

    def rows(self, edit: Edit, table: str) -> list[Row]:
        """The rows of a table as the edit has them so far."""
        if table in edit.rows:
            return edit.rows[table]
        root = edit.root
        if root.base is None:
            edit.rows[table] = []
            return edit.rows[table]
        if table not in root.loaded:
            if len(self.by_key) > _PRELOAD_AT:
                self._preload(table)
            else:
                root.loaded[table] = self._store.records.rows(table, root.base)
        edit.rows[table] = [r for r in root.loaded[table] if came_as(r, root.key) == edit.key]
        return edit.rows[table]

    def _preload(self, table: str) -> None:
        """Read a table once for all patients of a large transaction."""
        waiting = {k: e for k, e in self.by_key.items() if e.base and table not in e.loaded}
        for edit in waiting.values():
            edit.loaded[table] = []
        for row in self._store.records.visible(table).to_pylist():
            if row["patient"] in waiting:
                waiting[row["patient"]].loaded[table].append(row)

    def discard(self, key: str) -> None:
        """Forget what was to be done to a patient."""
        gone = self.by_key.pop(key)
        if gone.whole is None:
            for part in gone.parts:
                self.by_key.pop(part.key)
            gone.held.close()
            return
        gone.root.parts.remove(gone)
        if gone.root.key in self.unasked and not gone.root.parts:
            self.discard(gone.root.key)

    def hold(self, key: str, wait_s: float = 120.0) -> None:
        """Take a patient's lock until the edits are closed; see `Transaction.hold`."""
        edit = self.edit(key).root
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

    def session(self, edit: Edit) -> Any:
        """The icechunk.Session of a patient's arrays, open for writing with the lock held."""
        edit = edit.root
        if edit.session is None:
            self.hold(edit.key)
            arrays = self._store.arrays(edit.key)
            edit.session = arrays.write(edit.base.snapshot if edit.base else None)
        return edit.session

    def compose(self, edit: Edit, dated: Collection[str]) -> None:
        """Settle the days of a patient, and put the rows of its identities together.

        Parameters
        ----------
        edit : Edit
            Of a visible patient.
        dated : collection of str
            Tables whose rows have days: where one changes, all of them are settled anew.
        """
        dirty = edit.dirty.union(*(part.dirty for part in edit.parts))
        tables = set(dirty)
        if dirty & set(dated):
            tables |= set(dated)
        for table in tables:
            self.rows(edit, table)
        for table in tables:
            edit.rows[table] = compose(edit, edit.parts, table)
        edit.dirty = dirty
        if dirty & set(dated):
            edit.settle_days()

    def close(self) -> None:
        """Let the locks go."""
        for edit in self.by_key.values():
            edit.held.close()
