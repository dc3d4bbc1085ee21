"""One patient's part of a transaction: the rows as they will be, and an open array session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from explorer.draft import SegmentationDraft
from explorer.errors import StoreError
from explorer.item_rows import item_row, segment_rows
from explorer.layout import ORIGIN_TABLES, RECORDS, ROW_NAMES
from explorer.records import Head
from explorer.records_draft import RecordsDraft
from explorer.settle_days import settle_days
from explorer.write_item import ArrayDraft, Written

Row = dict[str, Any]

FACT_FIELDS = tuple(name for name in RECORDS["facts"].names if name not in ROW_NAMES)
_KNOWN = {table: frozenset(schema.names) - set(ROW_NAMES) for table, schema in RECORDS.items()}


@dataclass
class Edit:
    """What a transaction will do to one patient.

    Attributes
    ----------
    key : str
    base : Head or None
        The version that it builds on; None for a patient without one.
    rows : dict
        Table name to the rows after the edit, for the tables that were looked at.
    dirty : set of str
        Tables that the commit writes.
    session : icechunk.Session or None
        Open for writing while the patient's lock is held by `held`.
    still_held : callable
        Raises where that lock was lost.
    whole : Edit or None
        Of an identity that was joined: the edit of the visible patient, which has the base, the
        lock and the session, and commits the rows of both.
    parts : list of Edit
        Of the visible patient: the edits of the joined identities that are touched.
    loaded : dict
        Table name to the rows of `base`, those of every identity.
    touched : bool
        Whether a new version is made though no table changed.
    """

    key: str
    base: Head | None
    rows: dict[str, list[Row]] = field(default_factory=dict)
    dirty: set[str] = field(default_factory=set)
    session: Any = None
    changed_arrays: bool = False
    locked: bool = False
    still_held: Callable[[], None] = lambda: None
    held: ExitStack = field(default_factory=ExitStack)
    whole: Edit | None = None
    parts: list[Edit] = field(default_factory=list)
    loaded: dict[str, list[Row]] = field(default_factory=dict)
    touched: bool = False

    @property
    def root(self) -> Edit:
        """The edit that is committed: this one, or that of the patient it was joined into."""
        return self if self.whole is None else self.whole

    @property
    def attributes(self) -> Row:
        """The patient's one row of attributes; made where there is none."""
        found = self.rows["attributes"]
        if not found:
            found.append({"synthetic": False})
        return found[0]

    def replace(self, table: str, field_name: str, value: str, rows: list[Row]) -> None:
        """Put `rows` in the place of those with ``row[field_name] == value``."""
        kept = [row for row in self.rows[table] if row.get(field_name) != value]
        self.rows[table] = kept + rows
        self.dirty.add(table)

    def forget_item(self, item: str) -> None:
        """Take the rows of an item out, where there are any."""
        for table in ("items", "segments"):
            if any(row["item"] == item for row in self.rows[table]):
                self.replace(table, "item", item, [])

    def put_item(self, draft: ArrayDraft, written: Written) -> None:
        """Set the rows of an item that has been written."""
        self.replace("items", "item", draft.item, [item_row(draft, written)])
        segments = (
            segment_rows(draft, written.voxels) if isinstance(draft, SegmentationDraft) else []
        )
        self.replace("segments", "item", draft.item, segments)
        self._mark(draft.synthetic)

    def put_records(self, draft: RecordsDraft) -> None:
        """Put a source's rows in the place of what it said before."""
        for table in ORIGIN_TABLES:
            fresh = [record_row(table, row, draft) for row in draft.rows(table)]
            old = [row for row in self.rows[table] if row.get("origin") == draft.item]
            if len(fresh) != len(old) or _said(fresh) != _said(old):
                self.replace(table, "origin", draft.item, fresh)
        for name, value in draft.attributes.items():
            if value is not None and self.attributes.get(name) != value:
                self.attributes[name] = value
                self.dirty.add("attributes")
        self._mark(draft.synthetic)

    def forget_origin(self, origin: str) -> bool:
        """Take out the rows of an origin; tells whether there were any."""
        held = [
            table
            for table in ORIGIN_TABLES
            if any(row.get("origin") == origin for row in self.rows[table])
        ]
        for table in held:
            self.replace(table, "origin", origin, [])
        return bool(held)

    def add_facts(self, facts: Iterable[Mapping[str, Any]]) -> None:
        """Add facts that are not there yet; see `Transaction.add_facts`."""
        have = self.rows["facts"]
        seen = {tuple(row.get(name) for name in FACT_FIELDS) for row in have}
        for fact in facts:
            row = fact_row(fact)
            same = tuple(row.get(name) for name in FACT_FIELDS)
            if same not in seen:
                seen.add(same)
                have.append(row)
                self.dirty.add("facts")

    def put_files(self, rows: Iterable[Row]) -> None:
        """Set status rows of source files; a row replaces the one of the same ``uri``."""
        fresh = {row["uri"]: row for row in rows}
        kept = [row for row in self.rows["files"] if row["uri"] not in fresh]
        self.rows["files"] = kept + list(fresh.values())
        self.dirty.add("files")

    def forget_files(self, uris: Iterable[str]) -> None:
        """Take status rows out."""
        gone = set(uris)
        kept = [row for row in self.rows["files"] if row["uri"] not in gone]
        if len(kept) != len(self.rows["files"]):
            self.rows["files"] = kept
            self.dirty.add("files")

    def set_attributes(self, wanted: Mapping[str, Any]) -> None:
        """Set columns of the patient's row of attributes."""
        current = self.attributes
        if any(current.get(name) != value for name, value in wanted.items()):
            current.update(wanted)
            self.dirty.add("attributes")

    def _mark(self, synthetic: bool) -> None:
        if synthetic and not self.attributes.get("synthetic"):
            self.attributes["synthetic"] = True
            self.dirty.add("attributes")

    def settle_days(self) -> None:
        """Find time zero where nobody has said it, and each row's day from it."""
        settle_days(self)


def check_fields(table: str, fields: Iterable[str]) -> None:
    """Refuse fields that a record table does not have; they would be lost in silence.

    Raises
    ------
    StoreError
        There is such a field.
    """
    unknown = sorted(set(fields) - _KNOWN[table])
    if unknown:
        known = [name for name in RECORDS[table].names if name not in ROW_NAMES]
        raise StoreError(f"No such field in {table}: {unknown}", expected=f"of {known}")


def fact_row(fact: Mapping[str, Any]) -> Row:
    """Make the row of a fact; see `Transaction.add_facts`."""
    check_fields("facts", fact)
    return _fact_row(fact)


def _fact_row(fact: Mapping[str, Any]) -> Row:
    if not fact.get("name"):
        raise StoreError("A fact has no name", expected="name and value", where=str(dict(fact)))
    # a table's empty cell comes as NaN; 'nan' must not become a value
    row = {name: None if _missing(value) else value for name, value in fact.items()}
    value = row.get("value")
    state = row.get("state") or ("unknown" if value is None else "present")
    return {**row, "value": None if value is None else str(value), "state": state}


def record_row(table: str, row: Mapping[str, Any], draft: RecordsDraft) -> Row:
    """Make a row of a record table, with where it was found.

    Raises
    ------
    StoreError
        The table has no such field, or a fact has no name.
    """
    check_fields(table, row)
    first = draft.sources[0] if draft.sources else None
    full = {
        "source": first.uri if first else None,
        "sha256": first.sha256 if first else None,
        **(_fact_row(row) if table == "facts" else row),
        "origin": draft.item,
    }
    if "synthetic" in _KNOWN[table]:
        full["synthetic"] = bool(row.get("synthetic") or draft.synthetic)
    if table == "texts":
        full.setdefault("date", None)
    return full


def _said(rows: list[Row]) -> list[str]:
    """What rows say, apart from what the store adds to them; a NaN is equal to itself as text."""
    added = {*ROW_NAMES, "day", "day_state", "end_day"}
    plain = [{n: v for n, v in row.items() if v is not None and n not in added} for row in rows]
    return sorted(repr(sorted(row.items())) for row in plain)


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or bool(value != value)
