"""A cBioPortal study's timelines: events in days from the diagnosis."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from explorer.errors import FileRefusedError
from explorer.readers.absence import absence
from explorer.readers.finite_number import whole_number
from explorer.readers.report_rows import detail
from explorer.readers.tab_lines import TabLines
from explorer.readers.table_sheet import Fault

Row = dict[str, Any]
_NAMED = (
    "AGENT", "TEST", "SPECIMEN_SITE", "SAMPLE_ID", "STATUS", "PROCEDURE_TYPE", "DIAGNOSIS",
    "DIAGNOSTIC_TYPE", "SUBTYPE", "TREATMENT_TYPE", "SURGERY_TYPE", "EVENT",
)  # fmt: skip
_VALUES = ("RESULT", "VALUE", "STATUS", "DIAGNOSTIC_RESULT", "TREATMENT_TYPE")
_FIXED = ("PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE")


def cbioportal_timeline(lines: TabLines) -> dict[str, list[Row]]:
    """Read a timeline (docs.cbioportal.org, File Formats, Timeline Data).

    START_DATE and STOP_DATE are days from the diagnosis, 'which acts as point zero'.

    Parameters
    ----------
    lines : TabLines
        Gets a fault for each row without a whole START_DATE, whose day is unknown then.

    Returns
    -------
    dict
        Patient to rows of ``events``.

    Raises
    ------
    FileRefusedError
        There is no column PATIENT_ID, START_DATE or EVENT_TYPE.
    """
    missing = [
        name for name in ("PATIENT_ID", "START_DATE", "EVENT_TYPE") if name not in lines.columns
    ]
    if missing:
        raise FileRefusedError(f"No column {missing[0]}", expected="it, in every timeline")
    found: dict[str, list[Row]] = defaultdict(list)
    for number, cells in lines.rows():
        row = dict(zip(lines.columns, cells, strict=True))
        patient = row["PATIENT_ID"].strip()
        if not patient:
            continue
        said = {n: c for n, c in row.items() if n not in _FIXED and absence(c) is None}
        days = whole_number(row["START_DATE"])
        if days is None and len(lines.faults) < 1000:
            lines.faults.append(Fault(number, "START_DATE", row["START_DATE"], "a whole number"))
        name = next((said[n] for n in _NAMED if n in said), row["EVENT_TYPE"])
        value = next((said[n] for n in _VALUES if n in said and said[n] != name), None)
        found[patient].append(
            {
                "kind": row["EVENT_TYPE"].strip().lower(), "name": name, "value": value,
                "state": "present", "days": days, "day_from": "diagnosis",
                "end_days": whole_number(row.get("STOP_DATE")), "row": number,
                "detail": detail(**said),
            }
        )  # fmt: skip
    return found
