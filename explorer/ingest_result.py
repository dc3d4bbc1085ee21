"""What an ingest did: one status a file, and the patients."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from explorer.html import table_html

_MOST = 60  # rows of a table that a person reads in a notebook
_ORDER = ("ingested", "referenced", "skipped", "refused")


@dataclass
class IngestResult:
    """The outcome of one run.

    Attributes
    ----------
    files : list of dict
        path, status, reason, patient (label), item: one a file.
    patients : list of dict
        id, key, version, changed, items.
    faults : list of dict
        file, row, column, found, expected: cells of tables that are not what their column says.
    shown : list of dict
        file, column, meaning, why: how the columns of tables were understood.
    joined : list of dict
        identifier, patient, done: what became of a patient map, and of accepted proposals.
    sources : dict
        Of a de-identifying run: hidden name to file. It is shown only when asked for.
    """

    files: list[dict[str, Any]] = field(default_factory=list)
    patients: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    joined: list[dict[str, Any]] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether anything in the store is new."""
        return any(patient["changed"] for patient in self.patients)

    @property
    def counts(self) -> dict[str, int]:
        """Number of files of each status."""
        found = Counter(row["status"] for row in self.files)
        return {status: found[status] for status in _ORDER}

    @property
    def refused(self) -> list[dict[str, Any]]:
        """The files that could not be taken, with the reason."""
        return [row for row in self.files if row["status"] == "refused"]

    def reasons(self) -> list[tuple[str, int, str]]:
        """Why files were refused: reason, number of files, one of them; the commonest first."""
        first: dict[str, str] = {}
        for row in self.refused:
            first.setdefault(str(row["reason"]), row["path"])
        counts = Counter(str(row["reason"]) for row in self.refused)
        return [(reason, count, first[reason]) for reason, count in counts.most_common()]

    def summary(self) -> str:
        """One sentence for people."""
        counts = ", ".join(f"{n} {status}" for status, n in self.counts.items() if n)
        changed = sum(patient["changed"] for patient in self.patients)
        news = f"{changed} patients new or changed" if changed else "nothing changed"
        return f"{len(self.files)} files ({counts or 'none'}); {news}"

    def document(self) -> dict[str, Any]:
        """The same as JSON: files, patients, faults, shown and joined."""
        return {
            "files": self.files, "patients": self.patients, "faults": self.faults,
            "shown": self.shown, "joined": self.joined,
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"<IngestResult {self.summary()}>"

    def _repr_html_(self) -> str:
        patients = [[p["id"], p["version"], p["items"], p["changed"]] for p in self.patients]
        parts = [table_html(["patient", "version", "items", "changed"], patients, self.summary())]
        if self.refused:
            rows = [[count, reason, path] for reason, count, path in self.reasons()]
            parts.append(table_html(["refused files", "reason", "such as"], rows))
        if self.faults:
            names = ["file", "row", "column", "found", "expected"]
            rows = [[fault.get(name) for name in names] for fault in self.faults[:_MOST]]
            parts.append(table_html(names, rows, _cut("faults in tables", self.faults)))
        for file, lines in groupby(self.shown[:_MOST], key=lambda one: one["file"]):
            names = ["column", "meaning", "why"]
            rows = [[one.get(name) for name in names] for one in lines]
            parts.append(table_html(names, rows, f"how {file} was understood"))
        if len(self.shown) > _MOST:
            parts.append(f"<div>{_MOST} of {len(self.shown)} columns shown</div>")
        return "".join(parts)


def _cut(what: str, rows: list[dict[str, Any]]) -> str:
    return f"{what}: {_MOST} of {len(rows)} shown" if len(rows) > _MOST else what
