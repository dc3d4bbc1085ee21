"""De-identified copies of CSV and TSV files: identifiers replaced, dates shifted row by row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from explorer.errors import FileRefusedError
from explorer.privacy.identifiers import Identifiers
from explorer.privacy.scrub_text import clean_label, scrub_dates, scrub_text
from explorer.privacy.secret import Secret

_MOST_BYTES = 1 << 30
_MOST_CELL = 1 << 20

_PATIENT = re.compile(
    r"(bcr_?)?(patient|subject|case|participant|person|pid|ptid|mrn|pat)([ _.-]*(id|identifier|"
    r"no|nr|number|barcode|num|submitter_id))?|(patient|subject|case)s?[_.]submitter_id|"
    r"cases?[_.]case_id|id|identifier|submitter_id|medical[ _]record[ _]number",
    re.I,
)
_DROPPED = re.compile(
    r"(^|[ _.-])(first|last|family|given|middle|maiden|sur|full|birth|user|doctor|physician|"
    r"referring|referrer|surgeon|radiologist|operator|contact|mother|father|patient|"
    r"subject|pat)?[ _.-]*(name|names|firstname|lastname|surname|forename)$|"
    r"address|street|(^|[ _.-])(zip|post)[ _.-]?(code|al)?|postcode|(^|[ _.-])(city|town|county|"
    r"village|country)([ _.-]|$)|phone|mobile|telefon|(^|[ _.-])(tel|fax)([ _.-]|$)|e-?mail|"
    r"insurance|(^|[ _.-])(ssn|nhs|social|passport|accession|account|licen[cs]e|device[ _.-]?id|"
    r"ip|url|dob|mrn|physician|doctor|surgeon|radiologist)([ _.-]|$)|social[ _.-]security|"
    r"birth[ _.-]?(date|day|year)?|date[ _.-]of[ _.-]birth|geburt|(^|[ _.-])year([ _.-]|$)|_uuid$",
    re.I,
)
_NAME = re.compile(r"name|surname|forename|physician|doctor|surgeon|radiologist", re.I)
_PHONE = re.compile(r"phone|mobile|telefon|(^|[ _.-])(tel|fax)", re.I)
_BIRTH = re.compile(r"birth|dob|geburt", re.I)
_PLACE = re.compile(r"address|street", re.I)
# Columns that are called names and name no person.
_NOT_PERSONS = re.compile(
    r"(drug|treatment|therapy|gene|test|study|project|file|sample|class|disease|tumou?r|site|"
    r"procedure|agent|regimen|pharmaceutical|column|event|variable|feature)[ _.-]*names?$",
    re.I,
)
_AGE = re.compile(r"(^|[ _.-])age([ _.-]|$)", re.I)
_ISO = re.compile(r"((?:18|19|20)\d\d)-(\d\d)-(\d\d)([T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?%?")


@dataclass
class TableScrubbed:
    """What was done to a table.

    Attributes
    ----------
    dropped : list of str
        Columns that were left out, by their names as far as those are known words.
    free_text : bool
        Whether cells with words stayed in.
    """

    dropped: list[str] = field(default_factory=list)
    free_text: bool = False


def table_identifiers(source: Path) -> dict[str, Identifiers]:
    """What a table says of each of its patients: names, phones, birth dates, addresses.

    Returns
    -------
    dict
        Identifier to what the patient can be told by; empty where it cannot be read.
    """
    found: dict[str, Identifiers] = {}
    try:
        rows = _rows(source)
        head = next(rows, [])
        at = _patient_column(head)
        for row in rows:
            cells = dict(zip(head, row, strict=False))
            whose = row[at].strip() if at is not None and at < len(row) else ""
            own = found.setdefault(whose, Identifiers())
            own.add_number(whose)
            for name, value in cells.items():
                if is_personal(name):
                    _add(own, name, value)
    except (FileRefusedError, OSError, csv.Error, UnicodeError):
        return found
    return found


def _add(own: Identifiers, column: str, value: str) -> None:
    if _BIRTH.search(column):
        own.add_birth(value)
    elif _NAME.search(column):
        own.add_name(value)
    elif _PHONE.search(column):
        own.add_phone(value)
    elif _PLACE.search(column):
        own.add_place(value)
    elif not value.isdigit() or len(value) > 4:
        own.add_number(value)


def scrub_table(
    source: Path, target: Path, secret: Secret, people: Mapping[str, Identifiers],
    patient: str | None,
) -> TableScrubbed:  # fmt: skip
    """Copy a table.

    The identifiers of patients become pseudonyms; columns of names, addresses, phones, accounts
    and births are left out; whole dates are shifted like the patient's others, other dates
    removed; ages of 90 and over become 90; all other cells are scrubbed as text.

    Parameters
    ----------
    source, target : pathlib.Path
    secret : Secret
    people : mapping
        Pseudonym to what the patient can be told by.
    patient : str or None
        Whose the rows are where no column says it.

    Raises
    ------
    FileRefusedError
        It cannot be read, or no column says whose the rows are.
    """
    done = TableScrubbed()
    try:
        rows = _rows(source)
        head = next(rows, [])
        at = _patient_column(head)
        if at is None and patient is None:
            raise FileRefusedError(
                "It cannot be de-identified: no column says whose the rows are",
                expected="a column such as patient_id",
                do="name the column, or say whose the table is with --patient",
            )
        kept = [n for n, name in enumerate(head) if n == at or not is_personal(name)]
        everybody = Identifiers().merge(people.values())
        done.dropped = [
            clean_label(name, everybody) or "unnamed" for n, name in enumerate(head)
            if n not in kept
        ]  # fmt: skip
        with target.open("x", encoding="utf-8", newline="") as out:
            write = csv.writer(out, delimiter="\t" if _tabbed(source) else ",", lineterminator="\n")
            write.writerow([_column(head[n], everybody) for n in kept])
            for row in rows:
                whose = row[at].strip() if at is not None and at < len(row) else patient or ""
                pseudonym = secret.pseudonym(whose) if whose else ""
                shift = secret.shift(pseudonym) if pseudonym else None
                own = people.get(pseudonym, Identifiers())
                write.writerow(
                    [
                        pseudonym if n == at else _cell(
                            row[n] if n < len(row) else "", head[n], own, shift, done
                        )
                        for n in kept
                    ]
                )  # fmt: skip
    except (OSError, csv.Error, UnicodeError) as error:
        raise FileRefusedError(
            f"It cannot be de-identified: the table is broken ({type(error).__name__})"
        ) from None
    return done


def _cell(value: str, column: str, own: Identifiers, shift: int | None, done: TableScrubbed) -> str:
    bare = value.strip()
    if not bare:
        return ""
    if _AGE.search(column) and _NUMBER.fullmatch(bare.rstrip("%")):
        years = float(bare.rstrip("%"))
        # an age in days is one of its own; beyond 90 years it would tell
        most = 90 * 365.25 if years > 150 else 90
        return bare if years < most else f"{most:.0f}"
    iso = _ISO.fullmatch(bare)
    if iso:
        if shift is None:
            return ""
        try:
            old = date(int(iso[1]), int(iso[2]), int(iso[3]))
            return (old + timedelta(days=shift)).isoformat() + (iso[4] or "")
        except (ValueError, OverflowError):
            return ""
    if _NUMBER.fullmatch(bare) and not own.names_word(bare) and len(bare) < 8:
        return bare
    whole = scrub_dates(bare, shift)
    alone = re.fullmatch(r"\[DATE(?: (\d{4}-\d\d-\d\d))?\]", whole)
    if alone:
        return alone[1] or ""
    if _NUMBER.fullmatch(bare) and "." in bare and not own.names_word(bare):
        return bare
    text = scrub_text(bare, own, shift)
    done.free_text |= len(text.split()) > 3
    return text


def _column(name: str, everybody: Identifiers) -> str:
    """A column's name; one that is nobody's identifier stays."""
    return name if scrub_text(name, everybody, None) == name else clean_label(name, everybody)


def is_personal(column: str) -> bool:
    """Whether a column is called a name, an address, a phone, an account or a birth."""
    bare = column.strip()
    return bool(_DROPPED.search(bare)) and not _NOT_PERSONS.search(bare)


def _patient_column(head: list[str]) -> int | None:
    found = [n for n, name in enumerate(head) if _PATIENT.fullmatch(name.strip())]
    # of several the one that says patient: 'id' may be the row's own
    said = [n for n in found if re.search("patient|subject|case|participant|mrn", head[n], re.I)]
    return next(iter(said or found), None)


def _tabbed(source: Path) -> bool:
    return source.suffix.lower() in (".tsv", ".tab")


def _rows(source: Path) -> Iterator[list[str]]:
    if source.stat().st_size > _MOST_BYTES:
        raise FileRefusedError("It cannot be de-identified: a table of more than 1 GiB")
    text = source.read_text("utf-8-sig")
    delimiter = "\t"
    if not _tabbed(source):
        first = text.partition("\n")[0]
        delimiter = max(",;\t|", key=first.count)
    csv.field_size_limit(_MOST_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
