"""Which kinds of data each session of a BIDS folder has, and whether the layout says why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from explorer.errors import FileRefusedError
from explorer.readers.table_text import read_text_table

_MOST_FOLDERS = 200_000
_KIND = re.compile(r"[a-z][a-z0-9]{1,15}")
_TABLE_BYTES = 16 << 20


@dataclass
class Session:
    """One session of a subject.

    Attributes
    ----------
    kinds : set of str
        Folders that hold a file: 'anat', 'perf', ...
    listed : set of str or None
        Kinds that its ``scans.tsv`` lists; None where there is no such table.
    missing : set of str
        Columns of ``sessions.tsv`` that have 'n/a' for it.
    """

    kinds: set[str] = field(default_factory=set)
    listed: set[str] | None = None
    missing: set[str] = field(default_factory=set)


@dataclass
class BidsTree:
    """The sessions of a data set, by subject and session."""

    sessions: dict[tuple[str, str], Session] = field(default_factory=dict)

    def kinds(self) -> list[tuple[str, ...]]:
        """Everything that the states depend on, to tell whether anything changed."""
        return [
            (*key, *sorted(one.kinds), "|", *sorted(one.listed or ["?"]), "|", *sorted(one.missing))
            for key, one in self.sessions.items()
        ]

    def states(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Subject, session, kind, state and why, for each kind that any session has."""
        every = sorted(set().union(*(one.kinds for one in self.sessions.values())))
        for (subject, name), session in sorted(self.sessions.items()):
            for kind in every:
                yield (subject, name, kind, *_state(session, kind))


def _state(session: Session, kind: str) -> tuple[str, str]:
    if kind in session.kinds:
        return "present", "its folder holds files"
    if kind in session.missing:
        return "not acquired", "sessions.tsv has n/a for it"
    if session.listed is None:
        return "unknown", "no files, and no scans.tsv lists what was acquired"
    if kind in session.listed:
        return "unknown", "scans.tsv lists it, and its files are not here"
    return "not acquired", "scans.tsv lists the session's acquisitions, and none of this kind"


def bids_tree(root: Path) -> BidsTree:
    """Look through a data set's folders; files are not opened, but for its tables.

    Parameters
    ----------
    root : pathlib.Path
        The folder of the ``sub-`` folders.
    """
    tree = BidsTree()
    subjects = (one for one in _folders(root) if one.name.startswith("sub-"))
    for subject in islice(sorted(subjects), _MOST_FOLDERS):
        sessions = [one for one in _folders(subject) if one.name.startswith("ses-")]
        table = _missing(subject)
        for place in sorted(sessions) or [subject]:
            name = place.name if sessions else ""
            session = Session({k.name for k in _folders(place) if _holds(k)}, _listed(place))
            session.missing = table.get(name, set())
            tree.sessions[subject.name, name] = session
    return tree


def _folders(place: Path) -> list[Path]:
    return [one for one in place.iterdir() if one.is_dir() and not one.is_symlink()]


def _holds(place: Path) -> bool:
    return _KIND.fullmatch(place.name) is not None and any(
        one.name.endswith((".nii", ".nii.gz")) for one in place.iterdir()
    )


def _listed(session: Path) -> set[str] | None:
    found: set[str] | None = None
    for path in sorted(session.glob("*scans.tsv")):
        for row in _rows(path):
            head, slash, _ = (row.get("filename") or "").replace("\\", "/").partition("/")
            found = found or set()
            if slash:
                found.add(head)
    return found


def _missing(subject: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in sorted(subject.glob("*sessions.tsv")):
        for row in _rows(path):
            none = {name for name, cell in row.items() if cell == "n/a"}
            found.setdefault(row.get("session_id") or "", set()).update(none)
    return found


def _rows(path: Path) -> list[dict[str, str | None]]:
    try:
        if path.stat().st_size > _TABLE_BYTES:
            return []
        rows: list[dict[str, str | None]] = read_text_table(path, False, "\t").data.to_pylist()
    except (FileRefusedError, OSError):
        return []  # the table's own status says what is wrong with it
    return rows
