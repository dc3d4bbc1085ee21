"""What a worker of an ingest is given: one patient's files, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from explorer.assign import Person
from explorer.draft import Header
from explorer.place import Place

Row = dict[str, Any]


@dataclass(frozen=True)
class PatientTask:
    """What one worker does at a time.

    Attributes
    ----------
    store : Place
    person : Person
    headers : list of Header
        Every file of the patient in this run's sources, unchanged ones included.
    refused : list of dict
        Status rows of files that were this patient's and can no longer be read.
    gone : list of str
        Files that were this patient's and now say that they are another's.
    roots : dict
        File to source root.
    copy : bool
    """

    store: Place
    person: Person
    headers: list[Header]
    refused: list[Row] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    roots: dict[str, str] = field(default_factory=dict)
    copy: bool = False


@dataclass
class PatientOutcome:
    """What came of it: the patient (no key where nothing could be read), a row for each file."""

    key: str
    label: str
    version: int
    changed: bool
    items: int
    rows: list[Row]
