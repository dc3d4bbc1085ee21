"""What a function saw of a patient, as one hash, without what the function itself had made."""

from __future__ import annotations

import hashlib
from typing import Any

from explorer.layout import DERIVED_TABLES, ORIGIN_TABLES
from explorer.patient import Patient
from explorer.put_run_items import run_of

KIND = "map"
_LEFT = frozenset({"patient", "commit", "uri", "root", "mtime_ns", "reading", "status", "reason"})
_TABLES = ("attributes", "items", "segments", "files", *ORIGIN_TABLES, *DERIVED_TABLES[1:])


def own_runs(patient: Patient, producer: str) -> set[str]:
    """Runs by which a mapped function has written to a patient."""
    return {
        row["run"]
        for row in patient.rows("runs")
        if row["producer"] == producer and (row["kind"] or "").startswith(KIND)
    }


def fingerprint(patient: Patient, producer: str, item: str | None = None) -> str:
    """Hash what there is to see of a patient, or of one item or report.

    Rows are compared, and the sha256 of the files; where the files lie is not.

    Parameters
    ----------
    patient : Patient
    producer : str
        What this function made is left out.
    item : str, optional
        An id: only its own rows, and those of its files and segments.

    Returns
    -------
    str
        sha256; the empty string where there is no such item.
    """
    own = own_runs(patient, producer)
    mine = {row["item"] for row in patient.rows("items") if run_of(row.get("meta")) in own}
    digest = hashlib.sha256()
    seen = False
    for table in _TABLES if item is None else ("items", "segments", "files", "texts"):
        lines = [
            _line(row, table)
            for row in patient.rows(table)
            if row.get("origin") not in own
            and row.get("run") not in own
            and (table == "texts" or row.get("item") not in mine)
            and (item is None or row.get("item") == item)
        ]
        seen = seen or (bool(lines) and table in ("items", "texts"))
        digest.update("\n".join([table, *sorted(lines)]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest() if seen or item is None else ""


def _line(row: dict[str, Any], table: str) -> str:
    # a patient is flagged as synthetic by what the function itself makes, too
    left = _LEFT | {"synthetic"} if table == "attributes" else _LEFT
    plain = {name: value for name, value in row.items() if name not in left and value is not None}
    return repr(sorted(plain.items()))
