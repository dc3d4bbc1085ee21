"""The status row of a source file, before a reader has said what became of it."""

from __future__ import annotations

from typing import Any

from explorer.draft import Header
from explorer.patient_task import PatientTask

Row = dict[str, Any]


def reading_of(header: Header) -> str | None:
    """How a file is read, where that can change; see `Header.detail`."""
    found: str | None = header.detail.get("reading")
    return found


def file_row(header: Header, task: PatientTask) -> Row:
    """The status row of a file that nothing is said of yet: refused, for no reason."""
    source = header.source
    return {
        "uri": source.uri, "root": task.roots.get(source.uri), "status": "refused",
        "reason": None, "item": None, "position": None, "sop_uid": None,
        "size": source.size, "mtime_ns": source.mtime_ns, "sha256": source.sha256,
        "reading": reading_of(header),
    }  # fmt: skip


def refused_row(header: Header, task: PatientTask, reason: str) -> Row:
    """The status row of a file that could not be taken."""
    return {**file_row(header, task), "reason": reason}
