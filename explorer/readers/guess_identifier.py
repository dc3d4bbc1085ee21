"""Which column names the patients: said by its name or by its cells, never guessed between two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from explorer.errors import FileRefusedError
from explorer.readers.table_sheet import Sheet

_NAMES = frozenset(
    (
        "patientid", "patient", "patid", "patientnumber", "patientno", "patientnr",
        "patientidentifier", "patientbarcode", "bcrpatientbarcode", "tcgapatientbarcode",
        "caseid", "case", "casesubmitterid", "casessubmitterid", "submitterid",
        "subject", "subjectid", "subjid", "usubjid", "subjectidentifier",
        "participant", "participantid", "participantbarcode", "tcgaparticipantbarcode",
        "mrn", "medicalrecordnumber", "patientennummer", "patientenid", "personid",
    )
)  # fmt: skip
_SAMPLES = frozenset(
    ("sample", "sampleid", "samplebarcode", "bcrsamplebarcode", "samplesubmitterid", "aliquot",
     "aliquotid", "aliquotbarcode", "tumorsamplebarcode", "specimen", "specimenid")
)  # fmt: skip

# TCGA, "TCGA barcode" (GDC encyclopedia): project, source site, participant; then the sample.
TCGA_PATIENT = r"^TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}$"
TCGA_SAMPLE = r"^TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}-[0-9]{2}[A-Z]?(-.*)?$"
TCGA_PART = "TCGA-XX-XXXX"


@dataclass(frozen=True)
class Identifier:
    """The column, what of it is the patient's, and why it is that one."""

    column: str
    why: str


def part_of(text: str, part: str) -> str | None:
    """Take the patient's part out of a longer identifier.

    Parameters
    ----------
    text : str
        ``TCGA-2F-A9KO-01A-11R``.
    part : str
        ``TCGA-XX-XXXX``: each X is a letter or a digit, everything else is itself.

    Returns
    -------
    str or None
        None where no such part, or more than one, is in the text.
    """
    pattern = "".join("[A-Za-z0-9]" if sign == "X" else re.escape(sign) for sign in part)
    found = set(re.findall(rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])", text))
    return found.pop() if len(found) == 1 else None


def guess_identifier(sheet: Sheet) -> Identifier:
    """Find the column of the patients' identifiers.

    Parameters
    ----------
    sheet : Sheet

    Returns
    -------
    Identifier

    Raises
    ------
    FileRefusedError
        No column is one with certainty, two are, or they are of samples: a map must say it.
    """
    named = [name for name in sheet.columns if _plain(name) in _NAMES]
    if len(named) > 1:
        raise _unclear(f"Columns {', '.join(map(repr, named))} all name patients", named[0])
    if named:
        if _all(sheet, named[0], TCGA_SAMPLE):
            raise _samples(named[0])
        return Identifier(named[0], "its name says so")
    barcodes = [name for name in sheet.columns if _all(sheet, name, TCGA_PATIENT)]
    if len(barcodes) == 1:
        return Identifier(barcodes[0], "its cells are barcodes of TCGA's patients")
    if len(barcodes) > 1:
        raise _unclear(f"Columns {', '.join(map(repr, barcodes))} all hold patients", barcodes[0])
    samples = [
        name for name in sheet.columns if _plain(name) in _SAMPLES or _all(sheet, name, TCGA_SAMPLE)
    ]
    if samples:
        raise _samples(samples[0])
    raise _unclear("No column is that of the patients' identifiers with certainty", "COLUMN")


def samples_in_columns(sheet: Sheet) -> list[str]:
    """Columns that are samples or patients of TCGA by their names, where nearly all are."""
    found = [
        name
        for name in sheet.columns
        if re.match(TCGA_PATIENT, name) or re.match(TCGA_SAMPLE, name)
    ]
    return found if len(found) >= 2 and len(found) >= len(sheet.columns) - 3 else []


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _all(sheet: Sheet, name: str, pattern: str) -> bool:
    column: Any = pc.drop_null(sheet.data[name])
    if not len(column):
        return False
    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())


def _unclear(found: str, column: str) -> FileRefusedError:
    return FileRefusedError(
        found,
        expected="a column such as patient_id, whose name says so",
        do=f"say it in a map (oncograph ingest --map): 'identifier: {column}'",
    )


def _samples(column: str) -> FileRefusedError:
    part = f"{{column: {column}, part: '{TCGA_PART}'}}"
    return FileRefusedError(
        f"Column {column!r} names samples, which are not patients",
        expected="a column of patients' identifiers",
        do=f"say in a map (oncograph ingest --map) what of it is the patient: 'identifier: {part}'",
    )
