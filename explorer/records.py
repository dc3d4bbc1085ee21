"""The Lance tables: rows, and the one commit point.

A row of a record table carries ``(patient, commit)``. The ``patients`` table holds one row a
patient: its version, its array snapshot, and for each record table the commit whose rows are
current. Rows whose commit no such row names are invisible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import lance
import pyarrow as pa

from explorer.fork import refuse_fork
from explorer.head import Head, heads_of
from explorer.hidden import hidden
from explorer.index_table import INDEX_AT_ROWS, index_table
from explorer.layout import ALL_TABLES, HEADS, KEYS, table_path
from explorer.merge_fragments import MERGE_AT, merge_fragments
from explorer.place import Place
from explorer.retry_lance import retry_lance
from explorer.table_lock import table_lock
from explorer.visible_rows import VisibleRows

__all__ = ["Head", "Records", "heads_of", "now", "quote"]

# What of indexes and files' footers stays in memory between two looks: Lance would keep 7 GiB.
_INDEX_CACHE, _FOOTER_CACHE = 256 << 20, 128 << 20
# Lance's own batches of 8,192 rows cost more than the rows do, where a table has a million.
_BATCH_ROWS = 65_536
_MOST_HEADS = 4096


def now() -> str:
    """The time as the store writes it: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def quote(text: str) -> str:
    """A string literal for a Lance filter; the text cannot end it."""
    return "'" + text.replace("'", "''") + "'"


class Records:
    """The tables of one store.

    Parameters
    ----------
    place : Place
        Where the store lies.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._visible = VisibleRows(self)
        # what one look at one patient finds several times; any commit ends it
        self._heads: dict[str, Head | None] = {}
        self._heads_of = -1
        self._session: Any = None

    def __getstate__(self) -> dict[str, Any]:
        # another process has caches of its own
        return {**self.__dict__, "_session": None}

    def create(self) -> None:
        """Make every table, empty. Only for a store that has no marker yet."""
        for table in ALL_TABLES:
            # before the marker is there nothing else can be in it: what is, is a killed run's
            table_path(self.place, table).delete_tree()
            self._create(table)

    def _create(self, table: str) -> None:
        schema = ALL_TABLES[table]
        if not self.place.local:
            schema = _with_key(schema, KEYS.get(table, ()))
        self._write(table, schema.empty_table(), "create")

    def add_missing(self) -> None:
        """Add the tables and columns that a store of an older format does not have."""
        for table, schema in ALL_TABLES.items():
            if not table_path(self.place, table).exists():
                self._create(table)
                continue
            data = self.dataset(table)
            fresh = [column for column in schema if column.name not in data.schema.names]
            if fresh:
                data.add_columns(pa.schema(fresh))

    def add_features(self, features: Mapping[str, tuple[str, list[str]]]) -> None:
        """Add the names of vectors' entries that are not known yet."""
        if not features:
            return
        known = set(self.read("features", columns=["features"])["features"].to_pylist())
        self.append(
            "features",
            [
                {"features": one, "name": name, "names": names, "time": now()}
                for one, (name, names) in features.items()
                if one not in known
            ],
        )

    def features(self, wanted: Iterable[str]) -> dict[str, list[str]]:
        """The names of vectors' entries, by their id."""
        ids = sorted({one for one in wanted if one})
        if not ids:
            return {}
        where = f"features IN ({', '.join(quote(one) for one in ids)})"
        rows = self.read("features", where, ["features", "names"]).to_pylist()
        return {row["features"]: row["names"] for row in rows}

    def dataset(self, table: str) -> Any:
        """The newest state of a table."""
        refuse_fork()
        place = table_path(self.place, table)
        if self._session is None:
            # a dataset that is opened anew would read its index anew: 15 ms instead of 4
            self._session = lance.Session(  # type: ignore[attr-defined]
                _INDEX_CACHE, _FOOTER_CACHE
            )
        with place.asking():
            return lance.dataset(
                place.url, storage_options=place.lance_options(), session=self._session
            )

    def has(self, table: str) -> bool:
        """Whether there is such a table: a store may be older than it."""
        return table_path(self.place, table).exists()

    def _write(self, table: str, data: pa.Table, mode: str) -> None:
        refuse_fork()
        place = table_path(self.place, table)
        options = place.lance_options()
        with place.asking():
            lance.write_dataset(data, place.url, mode=mode, storage_options=options)

    def append(self, table: str, rows: Sequence[dict[str, Any]] | pa.Table) -> None:
        """Add rows; they stay invisible until a head names their commit."""
        if not len(rows):
            return
        schema = ALL_TABLES[table]
        data = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema)
        with table_lock(self.place):
            retry_lance(lambda: self._write(table, data.cast(schema), "append"))
            if data.num_rows >= INDEX_AT_ROWS:
                index_table(self, table)  # or each look at one patient would go through all of them

    def insert_new(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows to a store's table, of which the key (`layout.KEYS`) may be there once.

        In a local store the caller holds a lock, and has looked. On S3, of two writers that add
        one key at once, one does, whatever locks they hold: the table's schema tells Lance the
        key, and Lance then sees two inserts of it as a conflict.
        """
        if self.place.local or not rows:
            self.append(table, rows)
            return
        data = pa.Table.from_pylist(list(rows), schema=ALL_TABLES[table])

        def merge() -> None:
            keyed = self.dataset(table).merge_insert(list(KEYS[table]))
            with self.place.asking():
                keyed.when_not_matched_insert_all().execute(data)

        retry_lance(merge)

    def read(
        self, table: str, where: str | None = None, columns: list[str] | None = None
    ) -> pa.Table:
        """Rows of a table, visible or not.

        Parameters
        ----------
        table : str
        where : str, optional
            A Lance filter, built with `quote`.
        columns : list of str, optional
        """
        schema = ALL_TABLES[table]
        try:
            data = self.dataset(table)
        except (OSError, ValueError):
            if table_path(self.place, table).exists():
                raise
            found = schema.empty_table()  # a store of an older format has no such table
            return found if columns is None else found.select(columns)
        if data.schema.names == schema.names:
            with self.place.asking():
                return data.to_table(filter=where, columns=columns, batch_size=_BATCH_ROWS)
        wanted = schema.names if columns is None else columns
        here = [name for name in wanted if name in data.schema.names]
        found = data.to_table(filter=where, columns=here, batch_size=_BATCH_ROWS)
        return _complete(found, schema, wanted)

    def head(self, key: str) -> Head | None:
        """A patient's current version, or None."""
        version = self.table_version("patients")
        if self._heads_of != version or len(self._heads) >= _MOST_HEADS:
            self._heads_of, self._heads = version, {}
        if key not in self._heads:
            rows = self.read("patients", f"patient = {quote(key)}").to_pylist()
            self._heads[key] = Head.from_row(rows[0]) if rows else None
        return self._heads[key]

    def hidden(self) -> dict[str, str]:
        """Patients who were joined: their key to that of the visible patient; see `hidden`."""
        return hidden(self)

    def heads(self) -> list[Head]:
        """Every patient's current version: `~files` and those who were joined included."""
        return heads_of(self.read("patients"))

    def rows(self, table: str, head: Head) -> list[dict[str, Any]]:
        """The rows of a patient's version."""
        commit = head.at.get(table)
        if commit is None:
            return []
        where = f"patient = {quote(head.patient)} AND commit = {quote(commit)}"
        return list(self.read(table, where).to_pylist())

    def visible(
        self, table: str, columns: list[str] | None = None, *, without: str | None = None
    ) -> pa.Table:
        """The current rows of every patient; those who were joined are part of the other one.

        Parameters
        ----------
        table : str
        columns : list of str, optional
        without : str, optional
            A key whose rows are left out.
        """
        return self._visible.read(table, columns or ALL_TABLES[table].names, without)

    def table_version(self, table: str) -> int:
        """Lance's version of a table; 0 where a store of an older format has none."""
        try:
            return int(self.dataset(table).version)
        except (OSError, ValueError):
            if table_path(self.place, table).exists():
                raise
            return 0

    def history(self, key: str) -> list[tuple[Head, str]]:
        """Versions of a patient with their messages, newest first; only what was ever visible."""
        head = self.head(key)
        if head is None:
            return []
        rows = self.read("commits", f"patient = {quote(key)}").to_pylist()
        by_commit = {row["commit"]: row for row in rows}
        found: list[tuple[Head, str]] = []
        commit: str | None = head.commit
        while commit is not None and commit in by_commit:
            row = by_commit[commit]
            found.append((Head.from_row(row), row["message"]))
            commit = row["parent"]
        return found

    def move(self, heads: Sequence[Head]) -> set[str]:
        """The commit point: move patients from version n - 1 to n by compare-and-set.

        Parameters
        ----------
        heads : sequence of Head
            The new versions. The caller holds the tables, and has looked that first ones are first.

        Returns
        -------
        set of str
            Keys of those that moved; the others have been moved by somebody else.
        """
        for first in (True, False):
            some = [head.row() for head in heads if (head.version == 1) == first]
            if some:
                self._merge_heads(pa.Table.from_pylist(some, schema=HEADS), insert=first)
        where = f"patient = {quote(heads[0].patient)}" if len(heads) == 1 else None
        rows = self.read("patients", where, ["patient", "version", "commit"]).to_pylist()
        now_there = {row["patient"]: (row["version"], row["commit"]) for row in rows}
        nobody = (0, "")
        return {h.patient for h in heads if self._moved(h, *now_there.get(h.patient, nobody))}

    def _merge_heads(self, data: pa.Table, *, insert: bool) -> None:
        def merge() -> None:
            step = self.dataset("patients").merge_insert("patient")
            step = step.when_matched_update_all(condition="target.version = source.version - 1")
            # a patient who was erased is not there, and a late writer must not bring him back
            step = step.when_not_matched_insert_all() if insert else step
            with self.place.asking():
                step.execute(data)

        with table_lock(self.place):
            retry_lance(merge)

    def _moved(self, head: Head, version: int, commit: str) -> bool:
        """Whether a head was moved to, though another writer may have gone on from it since."""
        if version <= head.version:
            return commit == head.commit
        return any(past.commit == head.commit for past, _ in self.history(head.patient))

    def merge_fragments(self, tables: Iterable[str], at: int = MERGE_AT) -> list[str]:
        """Merge the small fragments of tables; see `merge_fragments`."""
        return merge_fragments(self, tables, at)


def _complete(data: pa.Table, schema: pa.Schema, names: list[str]) -> pa.Table:
    """Columns in the order of `names`; those that an older format lacks are empty."""
    columns = [
        data[name]
        if name in data.column_names
        else pa.nulls(data.num_rows, schema.field(name).type)
        for name in names
    ]
    return pa.table(columns, schema=pa.schema([schema.field(name) for name in names]))


def _with_key(schema: pa.Schema, key: Sequence[str]) -> pa.Schema:
    """A schema that tells Lance which columns are the key."""
    for name in key:
        told = {"lance-schema:unenforced-primary-key": "true"}
        position = schema.get_field_index(name)
        schema = schema.set(position, pa.field(name, pa.string(), nullable=False, metadata=told))
    return schema
