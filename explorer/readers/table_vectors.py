"""Wide blocks of numbers as named vectors: one a patient and block, equal ones once."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.item_id import item_id
from explorer.readers.absence import absence, state_of
from explorer.readers.guess_column import NUMBER
from explorer.readers.guess_identifier import TCGA_PATIENT, part_of
from explorer.readers.table_meaning import Block, Meaning
from explorer.readers.table_rows import Drafts
from explorer.readers.table_sheet import Fault, Sheet


def table_vectors(
    sheet: Sheet, meaning: Meaning, patients: list[str | None], drafts: Drafts
) -> tuple[list[Fault], list[str]]:
    """Give the vectors of a table to the drafts of its patients.

    Parameters
    ----------
    sheet : Sheet
    meaning : Meaning
        With one row a patient or an event.
    patients : list of str or None
        Whose each row is.
    drafts : callable
        ``drafts(identifier)``: the patient's draft.

    Returns
    -------
    faults : list of Fault
        Cells of the blocks that are no numbers; they are NaN in the vector.
    notes : list of str
        Patients whose rows have vectors that differ: they are kept apart.
    """
    faults: list[Fault] = []
    notes: list[str] = []
    rows = sheet.row_numbers()
    for block in meaning.vectors:
        values = np.empty((len(rows), len(block.columns)), np.float32)
        for k, name in enumerate(block.columns):
            values[:, k], odd = _numbers(sheet.data[name], meaning.codes_of(name))
            faults += [Fault(rows[n], name, text, "a number") for n, text in odd]
        features = features_id(block.name, block.features)
        seen: dict[str, set[bytes]] = {}
        for position, patient in enumerate(patients):
            if patient is None:
                continue
            same = seen.setdefault(patient, set())
            raw = values[position].tobytes()
            if raw in same:
                continue
            same.add(raw)
            draft = drafts(patient)
            draft.features[features] = (block.name, block.features)
            draft.vectors.append(
                _vector(block, features, values[position]) | {"row": rows[position]}
            )
        several = sum(len(same) > 1 for same in seen.values())
        if several:
            notes.append(
                f"{block.name}: {several} patients have several rows with different values, "
                "which are kept apart"
            )
    return faults, notes


def features_id(name: str, features: list[str]) -> str:
    """The id of a list of names: the same for the same names in the same order."""
    return item_id("features", name, *features)


def _vector(block: Block, features: str, values: NDArray[np.float32]) -> dict[str, Any]:
    known = bool(np.isfinite(values).any())
    return {
        "name": block.name,
        "features": features,
        "values": values.tolist(),
        "unit": block.unit,
        "state": "present" if known else "unknown",
    }


def _numbers(
    column: Any, codes: dict[str, str]
) -> tuple[NDArray[np.float32], list[tuple[int, str]]]:
    """A column's numbers, NaN where there is none, and what was there instead."""
    fits = pc.fill_null(pc.match_substring_regex(column, NUMBER), False)
    if codes:
        coded = pc.is_in(column, value_set=pa.array(list(codes), pa.string()))
        fits = pc.and_(fits, pc.invert(coded))
    plain = pc.replace_substring_regex(pc.utf8_trim_whitespace(column), r"^\+", "")
    good = pc.if_else(fits, plain, pa.scalar(None, pa.string()))
    values = pc.cast(good, pa.float64()).to_numpy(zero_copy_only=False)
    odd = []
    for n in np.flatnonzero(~fits.to_numpy(zero_copy_only=False)):
        text = column[int(n)].as_py()
        if text is not None and absence(text, codes, text_due=False) is None:
            odd.append((int(n), text))
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is said so
        return np.asarray(values, np.float64).astype(np.float32), odd


def turned_vectors(sheet: Sheet, meaning: Meaning, drafts: Drafts) -> tuple[list[Fault], list[str]]:
    """Give a matrix with its samples in columns to the drafts of the patients.

    Rows in which every cell is a number or empty make the vector; each other row becomes a fact
    a sample, named as the feature.

    Parameters
    ----------
    sheet : Sheet
    meaning : Meaning
        With `rows` 'features' and one block: the columns that are samples.
    drafts : callable
        ``drafts(identifier)``: the patient's draft.

    Returns
    -------
    faults : list of Fault
        Columns of which no patient is known.
    notes : list of str
    """
    block = meaning.vectors[0]
    names = [name or "" for name in sheet.texts(meaning.features or sheet.columns[0])]
    rows = sheet.row_numbers()
    numeric = np.ones(len(rows), bool)
    values = np.empty((len(block.columns), len(rows)), np.float32)
    for k, column in enumerate(block.columns):
        values[k], odd = _numbers(sheet.data[column], meaning.absent)
        numeric[[n for n, _ in odd]] = False
    features = [name for name, is_number in zip(names, numeric, strict=True) if is_number]
    identity = features_id(block.name, features)
    faults: list[Fault] = []
    whose: dict[str, list[str]] = {}
    for k, column in enumerate(block.columns):
        patient = _sample_patient(column, meaning)
        if patient is None:
            faults.append(Fault(None, column, column, f"a part like {meaning.part}"))
            continue
        whose.setdefault(patient, []).append(column)
        draft = drafts(patient)
        draft.features[identity] = (block.name, features)
        made = _vector(block, identity, values[k][numeric])
        about = json.dumps({"sample": column}, ensure_ascii=False)
        draft.vectors.append(made | {"producer": about})
        cells = sheet.texts(column)
        for n in np.flatnonzero(~numeric):
            why = absence(cells[n], meaning.absent)
            draft.facts.append(
                {"name": names[n], "value": None if why else cells[n], "column": column,
                 "state": state_of(cells[n], why) if why else "present", "row": rows[n]}
            )  # fmt: skip
    several = sum(len(columns) > 1 for columns in whose.values())
    notes = [f"{several} patients have several samples, which are kept apart"] if several else []
    return faults, notes


def _sample_patient(column: str, meaning: Meaning) -> str | None:
    if meaning.part:
        return part_of(column, meaning.part)
    return column


def are_patients(columns: list[str]) -> bool:
    """Whether the names of columns are barcodes of TCGA's patients, and not of samples."""
    import re

    return all(re.match(TCGA_PATIENT, name) for name in columns)
