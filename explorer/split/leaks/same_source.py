"""The check 'same source': one object, series or file under two patients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc

from explorer.patient_set import PatientSet
from explorer.split.leak import Checked, LeakSettings, Sides
from explorer.split.leaks.shared_values import Holder, shared_values

NAME = "same source"
_TOLD = {"seriesinstanceuid": "SeriesInstanceUID", "sopinstanceuid": "SOPInstanceUID"}


def same_source(cohort: PatientSet, settings: LeakSettings) -> Checked:
    """Find SOPInstanceUIDs, SeriesInstanceUIDs and sha256 of files that two patients have.

    UIDs that a table names as facts count, too.

    Parameters
    ----------
    cohort : PatientSet
    settings : LeakSettings

    Returns
    -------
    Checked
    """
    sides = Sides(cohort)
    items = cohort.rows("items", ["item", "kind", "series_uid"]).to_pylist()
    kinds = {(row["patient"], row["item"]): row["kind"] for row in items}
    files = cohort.rows("files", ["item", "uri", "sop_uid", "sha256", "status"]).to_pylist()
    files = [row for row in files if row["status"] in ("ingested", "referenced", "copied")]

    def of_files(column: str) -> Iterator[Holder]:
        for row in files:
            if row[column]:
                kind = kinds.get((row["patient"], row["item"]))
                where = (f"{kind}s", row["item"]) if kind else ("files", row["uri"])
                yield Holder(row[column], row["patient"], *where)

    series = [Holder(r["series_uid"], r["patient"], f"{r['kind']}s", r["item"])
              for r in items if r["series_uid"]]  # fmt: skip
    told = list(told_uids(cohort, _TOLD))
    found = Checked(NAME, "files and items", len(files) + len(items))
    for what, holders in (
        ("SOPInstanceUID", [*of_files("sop_uid"), *(h for n, h in told if n == "SOPInstanceUID")]),
        ("SeriesInstanceUID", [*series, *(h for n, h in told if n == "SeriesInstanceUID")]),
        ("file (sha256)", list(of_files("sha256"))),
    ):
        found.leaks += shared_values(holders, sides, NAME, what)
    return found


def told_uids(cohort: PatientSet, names: dict[str, str]) -> Iterator[tuple[str, Holder]]:
    """UIDs that tables name as facts: the rule's name, and who has it.

    Parameters
    ----------
    cohort : PatientSet
    names : dict of str to str
        A fact's name without case and punctuation, to that of the UID.
    """
    rows = cohort.rows("facts", ["name", "value"])
    plain = pc.replace_substring_regex(pc.utf8_lower(rows["name"]), r"[^a-z]", "")
    for row, name in zip(*_named(rows, plain, names), strict=True):
        yield names[name], Holder(str(row["value"]), row["patient"], "facts", row["name"])


def _named(rows: Any, plain: Any, names: dict[str, str]) -> tuple[list[dict[str, Any]], list[str]]:
    import pyarrow as pa

    held = pc.fill_null(pc.is_in(plain, value_set=pa.array(sorted(names))), False)
    held = pc.and_(held, pc.is_valid(rows["value"]))
    return rows.filter(held).to_pylist(), plain.filter(held).to_pylist()
