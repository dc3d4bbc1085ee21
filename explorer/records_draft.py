"""What a reader of documents and tables hands to the store: rows, and where each was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from explorer.draft import FileStatus, PatientHint, Source

Row = dict[str, Any]


@dataclass
class RecordsDraft:
    """Rows of one patient that were read from one source.

    A row has the fields of its record table (`explorer.layout.RECORDS`). ``origin`` is filled in
    with `item`, and ``source`` and ``sha256`` with the first source's where the row names none;
    ``row`` is the source's row, counted from 1 without the head.

    Attributes
    ----------
    item : str
        Stable id of the source, the same at every ingest, with no name of a person in it: the
        rows' origin. All rows of one origin are replaced together.
    name : str
        What people call it (a file's name, a document's title); hostile text.
    sources : list of Source
    patient : PatientHint or None
        Whose the rows are; None where the file's header has said it.
    facts, events, observations, vectors, texts : list of dict
        A fact has ``name`` and ``value``; an event ``kind`` and ``name``; an observation ``name``;
        a vector ``name``, ``features`` and ``values``; a text ``item`` (its own id), ``text``.
    features : dict
        Id of a list of names to (what they are, the names): ``{'features-1b2c': ('rna', [...])}``.
    issuer : str or None
        Given by ingest, where equal identifiers of several issuers are kept apart.
    attributes : dict
        Columns of the table ``attributes`` that the source knows: sex, birth_date.
    problems : list of str
    synthetic : bool
    """

    item: str
    name: str
    sources: list[Source]
    patient: PatientHint | None = None
    facts: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    observations: list[Row] = field(default_factory=list)
    vectors: list[Row] = field(default_factory=list)
    texts: list[Row] = field(default_factory=list)
    features: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    attributes: Row = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    meta: Row = field(default_factory=dict)
    synthetic: bool = False
    issuer: str | None = None

    def rows(self, table: str) -> list[Row]:
        """The rows of one record table."""
        found: list[Row] = getattr(self, table)
        return found


@dataclass
class TablesReading:
    """What a reader of tables gives: drafts of many patients, and one status for each file.

    Attributes
    ----------
    drafts : list of RecordsDraft
        Each with its `patient`; one a patient and source.
    statuses : list of FileStatus
        Exactly one for each header, with the origin as its item.
    faults : list of dict
        file, row, column, found, expected: one for each cell that is not what its column says.
    shown : list of dict
        file, column, meaning, why: how the columns were understood, for the person to see.
    mappings : list of dict
        origin, name, text (YAML): what each table means, kept with the store and used again.
    """

    drafts: list[RecordsDraft]
    statuses: list[FileStatus]
    faults: list[Row] = field(default_factory=list)
    shown: list[Row] = field(default_factory=list)
    mappings: list[Row] = field(default_factory=list)
