"""A cBioPortal study's clinical files: four head lines, then a row a patient or a sample."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from explorer.errors import FileRefusedError
from explorer.readers.absence import absence, state_of
from explorer.readers.finite_number import finite_number
from explorer.readers.report_rows import detail
from explorer.readers.tab_lines import TabLines

Row = dict[str, Any]
PATIENT, SAMPLE = "PATIENT_ID", "SAMPLE_ID"
_HEADS = ("name", "description", "datatype", "priority")
_SEX = {"male": "M", "m": "M", "female": "F", "f": "F"}


@dataclass
class Clinical:
    """A clinical file.

    Attributes
    ----------
    facts, events, attributes : dict
        Patient to rows (attributes: to columns of the patient's own).
    samples : dict
        Sample to patient, of a file of samples.
    heads : dict
        Column to its name, description, datatype and priority.
    """

    facts: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    events: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    attributes: dict[str, Row] = field(default_factory=lambda: defaultdict(dict))
    samples: dict[str, str] = field(default_factory=dict)
    heads: dict[str, dict[str, str]] = field(default_factory=dict)


def cbioportal_clinical(lines: TabLines) -> Clinical:
    """Read a clinical file (docs.cbioportal.org, File Formats, Clinical Data).

    Each cell is a fact of its patient; a column without any value says nothing of anybody. A
    sample is an event too, with its own row as detail.

    Parameters
    ----------
    lines : TabLines
        Its comments are the head lines: display name, description, datatype, priority.

    Returns
    -------
    Clinical

    Raises
    ------
    FileRefusedError
        There is no column PATIENT_ID.
    """
    if PATIENT not in lines.columns:
        raise FileRefusedError(f"No column {PATIENT}", expected="it, in every clinical file")
    at = {name: i for i, name in enumerate(lines.columns)}
    found = Clinical(heads=_heads(lines))
    table = list(lines.rows())
    kept = [
        name
        for name, i in at.items()
        if name not in (PATIENT, SAMPLE) and any(absence(c[i]) is None for _, c in table)
    ]
    for number, cells in table:
        patient = cells[at[PATIENT]].strip()
        sample = cells[at[SAMPLE]].strip() if SAMPLE in at else ""
        if not patient:
            continue
        said = {}
        for name in kept:
            fact = _fact(name, cells[at[name]], found.heads.get(name, {}))
            found.facts[patient].append({**fact, "row": number})
            if fact["value"] is not None:
                said[name] = fact["value"]
            if name in ("SEX", "GENDER") and str(fact["value"]).strip().lower() in _SEX:
                found.attributes[patient]["sex"] = _SEX[str(fact["value"]).strip().lower()]
        if sample:
            found.samples[sample] = patient
            found.events[patient].append(
                {
                    "kind": "sample", "name": sample, "value": said.get("SAMPLE_TYPE"),
                    "state": "present", "row": number, "detail": detail(**said),
                }
            )  # fmt: skip
    return found


def _heads(lines: TabLines) -> dict[str, dict[str, str]]:
    """What the lines before the head say of each column; they may be fewer, or not there."""
    rows = [comment.split("\t") for comment in lines.comments[: len(_HEADS)]]
    fit = [row for row in rows if len(row) == len(lines.columns)]
    return {
        column: {head: row[i].strip() for head, row in zip(_HEADS, fit, strict=False)}
        for i, column in enumerate(lines.columns)
    }


def _fact(name: str, cell: str, head: dict[str, str]) -> Row:
    due = head.get("datatype", "").upper() != "NUMBER"
    state = absence(cell, text_due=due)
    number = None if state else finite_number(cell)
    return {
        "name": name, "column": name, "value": None if state else cell, "number": number,
        "state": state_of(cell, state) if state else "present",
        "unit": "months" if name.endswith("_MONTHS") else None,
    }  # fmt: skip
