"""What a table means: whose its rows are, what they are, and what each column is."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.readers.guess_column import Profile, guess_column, is_numeric, profile
from explorer.readers.guess_identifier import (
    TCGA_SAMPLE,
    guess_identifier,
    samples_in_columns,
)
from explorer.readers.guess_outcomes import guess_outcomes
from explorer.readers.table_meaning import Block, Column, Meaning
from explorer.readers.table_sheet import Sheet

WIDE = 100
"""So many columns of numbers are vectors and no facts."""

_SUFFIXES = re.compile(r"\.(csv|tsv|tab|parquet|pq|xlsx|xlsm|gz|zip)", re.IGNORECASE)
_OMICS = re.compile(
    r"_(rnaseq|rna|mrna|mirna|cnv|cna|mut|mutation|meth|methylation|rppa|protein|prot|expr|tpm|"
    r"fpkm|counts?)$",
    re.IGNORECASE,
)
_SHARED = re.compile(r"_([A-Za-z][A-Za-z0-9]*)$")
_BLOCK = 20
_NAMES = re.compile(
    r"^(event|event_(type|name)|type|drug(_name)?|medication|treatment(_type)?|procedure|"
    r"test(_name)?|lab(_name)?|therapy(_type)?|name)$",
    re.IGNORECASE,
)
_VALUES = re.compile(r"^(value|result|result_value|value_num|numeric_value)$", re.IGNORECASE)
_UNITS = re.compile(r"^(unit|units|value_unit|result_unit)$", re.IGNORECASE)
_ENDS = re.compile(r"(end|stop|to|until)", re.IGNORECASE)
_ANCHORS = re.compile(
    r"^(date[_ .]?of[_ .]?(initial[_ .]?)?diagnosis|(initial[_ .]?)?diagnosis[_ .]?date)$", re.I
)


def guess_table(sheet: Sheet, name: str) -> Meaning:
    """Guess what a table means.

    Parameters
    ----------
    sheet : Sheet
    name : str
        Of the file.

    Returns
    -------
    Meaning

    Raises
    ------
    FileRefusedError
        No column names the patients with certainty.
    """
    samples = samples_in_columns(sheet)
    if samples:
        return _turned(sheet, name, samples)
    identifier = guess_identifier(sheet)
    found = Meaning(name, sheet.name, "patient", identifier.column, why=identifier.why)
    return fill(sheet, found)


def fill(sheet: Sheet, found: Meaning) -> Meaning:
    """Guess what a meaning leaves open; what is said in it stays.

    Parameters
    ----------
    sheet : Sheet
    found : Meaning
        With its identifier; `columns`, `vectors` and `outcomes` may say some.

    Returns
    -------
    Meaning
        The same object.
    """
    guessed = found.by == "guess"
    taken = {name for block in found.vectors for name in block.columns}
    others = [
        name
        for name in sheet.columns
        if name not in taken and name not in found.columns and name != found.identifier
    ]
    if guessed:
        blocks = _blocks(sheet, others, table_stem(found.files))
        found.vectors += blocks
        taken |= {name for block in blocks for name in block.columns}
    profiles: dict[str, Profile] = {}
    for name in sheet.columns:
        if name in taken or name == found.identifier:
            continue
        profiles[name] = profile(name, sheet.data[name], found.codes_of(name))
        if name not in found.columns:
            found.columns[name] = guess_column(profiles[name])
    found.columns = {name: found.columns[name] for name in sheet.columns if name in found.columns}
    patients = patient_numbers(sheet, found.identifier)
    repeats = len(np.unique(patients[patients >= 0])) < int((patients >= 0).sum())
    if guessed and repeats and not _all_equal(sheet, patients):
        found.rows = "event"
    _zeroes(sheet, found)
    _levels(sheet, found, patients)
    if found.rows == "event" and guessed:
        _event(found)
    if guessed:
        found.outcomes, notes = guess_outcomes(found.columns, profiles)
        found.notes += notes
        _anchor(found)
    return found


def patient_numbers(sheet: Sheet, identifier: str) -> NDArray[np.int64]:
    """Number the patients of the rows, -1 where the identifier is empty: (row,)."""
    coded = sheet.data[identifier].combine_chunks().dictionary_encode()
    return np.asarray(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), np.int64)


def _turned(sheet: Sheet, name: str, samples: list[str]) -> Meaning:
    """Features in the rows, samples in the columns: a matrix of expression."""
    others = [column for column in sheet.columns if column not in samples]
    found = Meaning(name, sheet.name, "features", why="its columns are barcodes of TCGA")
    found.features = others[0] if others else None
    for column in others[1:]:
        found.columns[column] = Column("skip", why="says something of the features")
    found.vectors = [Block(table_stem(name), samples, [])]
    if any(re.match(TCGA_SAMPLE, one) for one in samples):
        found.notes.append("samples")
    return found


def table_stem(name: str) -> str:
    """A table's name without what says only of what kind the file is."""
    return _SUFFIXES.sub("", name.rpartition("/")[2])


def _blocks(sheet: Sheet, names: list[str], stem: str) -> list[Block]:
    """Wide blocks of numbers: by the end that their names share, the others as one."""
    if len(names) < WIDE:
        return []
    numeric = [name for name in names if is_numeric(sheet.data[name])]
    if len(numeric) < WIDE:
        return []
    ends: dict[str, list[str]] = defaultdict(list)
    for name in numeric:
        match = _SHARED.search(name)
        ends[match.group(1) if match else ""].append(name)
    blocks = []
    left = []
    for end, theirs in ends.items():
        known = bool(end) and _OMICS.search(f"_{end}") is not None
        if end and ((known and len(theirs) >= 3) or (len(theirs) >= _BLOCK and not known)):
            features = [name[: -len(end) - 1] for name in theirs]
            blocks.append(Block(end, theirs, features, f"*_{end}"))
        else:
            left += theirs
    if len(left) >= WIDE:
        blocks.append(Block(stem, left, list(left), None))
    return blocks


def _all_equal(sheet: Sheet, patients: NDArray[np.int64]) -> bool:
    """Whether the rows of each patient are the same in every cell: then they are duplicates."""
    return all(_constant(sheet, name, patients) for name in sheet.columns)


def _constant(sheet: Sheet, name: str, patients: NDArray[np.int64]) -> bool:
    column: Any = sheet.data[name].combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    codes = pc.fill_null(column.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
    known = patients >= 0
    if not known.any():
        return True
    _, first, back = np.unique(patients[known], return_index=True, return_inverse=True)
    mine = np.asarray(codes)[known]
    return bool((mine == mine[first][back]).all())


def _levels(sheet: Sheet, found: Meaning, patients: NDArray[np.int64]) -> None:
    for name, column in found.columns.items():
        if column.per or column.kind == "skip":
            continue
        once = found.rows == "patient" or _constant(sheet, name, patients)
        column.per = "patient" if once else "row"


def _zeroes(sheet: Sheet, found: Meaning) -> None:
    """GDC counts its days from the diagnosis; its form is known by the barcodes and names."""
    identifiers = pc.drop_null(sheet.data[found.identifier])
    tcga = pc.all(pc.match_substring_regex(identifiers, r"^TCGA-"), min_count=0).as_py()
    for name, column in found.columns.items():
        gdc = tcga and re.match(r"^(\w+\.)?days_to_", name) is not None
        if column.kind == "days" and column.zero is None and gdc:
            column.zero = "diagnosis"
            column.why = "days, as GDC counts them: from the diagnosis"


def _event(found: Meaning) -> None:
    """Columns of an event: when, until when, what, how much."""
    mine = {name: column for name, column in found.columns.items() if column.per == "row"}
    dates = [name for name, column in mine.items() if column.kind == "date"]
    dates = dates or [name for name, column in mine.items() if column.kind == "days"]
    ends = [name for name in dates if _ENDS.search(name) and not name.lower().startswith("days_to")]
    starts = [name for name in dates if name not in ends]
    if len(starts) == 1:
        found.time = starts[0]
        found.end = ends[0] if len(ends) == 1 else None
    elif len(dates) > 1:
        found.notes.append(f"which of {', '.join(map(repr, dates))} is when it was is not said")
    for name, column in mine.items():
        if column.kind == "code" and found.code is None:
            found.code = name
        elif _NAMES.match(name) and column.kind == "text" and found.name is None:
            found.name = name
        elif _VALUES.match(name) and found.value is None:
            found.value = name
        elif _UNITS.match(name) and found.unit is None:
            found.unit = name


def _anchor(found: Meaning) -> None:
    dated = [
        name
        for name, column in found.columns.items()
        if column.kind == "date" and column.per == "patient" and _ANCHORS.match(name)
    ]
    if len(dated) == 1:
        found.anchor = dated[0]
        found.columns[dated[0]].zero = "diagnosis"
        found.columns[dated[0]].why += "; the patient's time zero: diagnosis"
