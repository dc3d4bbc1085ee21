"""fact_block: facts of patients as numbers in one unit and as categories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.is_quantity import is_quantity
from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from graphs.errors import ExamplesError
from graphs.examples.block import Block
from graphs.features.in_one_unit import commonest, in_one_unit
from graphs.features.known_rows import KnownRows
from graphs.features.one_each import RULES, Several, one_each
from graphs.features.row_address import RowAddress
from graphs.features.state_of import state_of

DIFFER = "several values of one day that differ"
MANY = "so many different texts that they tell patients apart, not kinds of patients"
IDENTIFIER = "unique identifiers (DICOM UIDs), which name things and describe none"
_IDENTIFIER = re.compile(r"\d+(\.\d+){5,}")
_COLUMNS = ("value", "number", "unit", "state")


@dataclass(frozen=True)
class _Chosen:
    """One row a patient and fact: `who`, `name` (code), and what it says."""

    who: NDArray[np.int64]
    name: NDArray[np.int64]
    names: list[str]
    data: pa.Table
    present: NDArray[np.bool_]
    differ: NDArray[np.bool_]


def fact_block(
    source: PatientSet | KnownRows,
    names: str | Sequence[str] = "*",
    *,
    task: Task | None = None,
    several: Several = "last",
    most: int = 50,
    modality: str = "clinical",
    like: Block | None = None,
) -> Block:
    """Read facts as features.

    A fact whose values are amounts (`explorer.is_quantity`) is a number in the unit that most of
    its rows have, which its column names, ``age (years)``; what can be converted is. Any other
    fact is a category, by its text. Rows whose state is not 'present' give no value; their
    address is kept, so that a person finds out why it is missing.

    Parameters
    ----------
    source : PatientSet or KnownRows
    names : str or sequence of str
        Patterns of the facts' names (``*``, ``?``; case does not count).
    task : Task, optional
        Its index day, inputs and outcome say which rows may be features; see `KnownRows`.
    several : {'last', 'first', 'only'}
        Of several values of a patient: that of the latest day, of the earliest, or only one that
        all rows agree on. Values of one day that differ are not known, and counted.
    most : int
        Texts that differ, beyond which a fact is no category and is left out.
    modality : str
    like : Block, optional
        Give its columns, in its units and kinds: for patients of another cohort. A fact that they
        lack is missing there.

    Returns
    -------
    Block

    Raises
    ------
    ExamplesError
        There is no such rule.
    """
    if several not in RULES:
        raise ExamplesError(f"several={several!r}", expected=", ".join(RULES))
    known = KnownRows.of(source, task)
    data = known.rows("facts", _COLUMNS, names)
    chosen = _choose(known, data, several)
    columns: dict[str, pd.Series] = {}
    items: dict[str, str] = {}
    nth: dict[str, NDArray[np.int64]] = {}
    for code, name in enumerate(chosen.names):
        rows = np.flatnonzero(chosen.name == code)
        made = _column(known, chosen, rows, name, most, like)
        if made is None:
            continue
        column, series = made
        while column in columns:  # a fact that is called as another one with its unit
            column += "'"
        columns[column], items[column] = series, name
        place = np.zeros(len(known), np.int64)
        place[chosen.who[rows]] = chosen.data["nth"].to_numpy()[rows]
        nth[column] = place
    frame = pd.DataFrame(columns, index=list(known.keys))
    if like is not None:
        frame = _as(frame, like)
    said = chosen.data["state"].to_numpy(zero_copy_only=False)
    return Block(
        modality, frame, state_of(frame, chosen.who, said),
        RowAddress("facts", known.keys, known.versions, items, nth), producer="facts",
    )  # fmt: skip


def _choose(known: KnownRows, data: pa.Table, several: Several) -> _Chosen:
    encoded = pc.dictionary_encode(data["what"].combine_chunks())
    names: list[str] = encoded.dictionary.to_pylist()
    order = np.argsort(np.array(names, object)) if names else np.zeros(0, np.int64)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    name = rank[encoded.indices.to_numpy()] if len(data) else np.zeros(0, np.int64)
    who = data["who"].to_numpy().astype(np.int64)
    present = pc.and_(
        pc.fill_null(pc.equal(data["state"], "present"), True),
        pc.or_(pc.is_valid(data["value"]), pc.is_valid(data["number"])),
    ).to_numpy(zero_copy_only=False).astype(bool)  # fmt: skip
    said = pc.binary_join_element_wise(
        pc.coalesce(pc.cast(data["number"], pa.string()), data["value"], pa.scalar("")),
        pc.fill_null(data["unit"], ""), "\x1f",
    )  # fmt: skip
    value = pc.dictionary_encode(said.combine_chunks()).indices.to_numpy()
    day = data["day"].to_numpy().astype(float)
    cell = who * max(len(names), 1) + name
    # what says nothing counts only where no row of the patient says something
    held, rest = np.flatnonzero(present), np.flatnonzero(~present)
    one, differ = one_each(cell[held], day[held], value[held], several)
    kept = held[one]
    more, _ = one_each(cell[rest], day[rest], np.zeros(len(rest)), several)
    more = rest[more]
    more = more[~np.isin(cell[more], cell[kept])]
    rows = np.concatenate([kept, more])
    found = _Chosen(
        who[rows], name[rows], [names[k] for k in order], data.take(pa.array(rows, pa.int64())),
        np.r_[~differ, np.zeros(len(more), bool)], np.r_[differ, np.zeros(len(more), bool)],
    )  # fmt: skip
    _count(known, found, np.flatnonzero(found.differ), DIFFER)
    absent = np.arange(len(kept), len(rows))
    states = np.array(found.data["state"].to_pylist(), object)
    why = [f"the record says: {s}" if s not in (None, "present") else "the record says nothing"
           for s in states[absent]]  # fmt: skip
    _count(known, found, absent, why)
    return found


def _count(
    known: KnownRows, chosen: _Chosen, rows: NDArray[np.int64], why: str | list[str]
) -> None:
    if len(rows):
        what = np.array(chosen.names, object)[chosen.name[rows]]
        known.note("facts", what.tolist(), why, chosen.who[rows].tolist())


def _column(
    known: KnownRows,
    chosen: _Chosen,
    rows: NDArray[np.int64],
    name: str,
    most: int,
    like: Block | None,
) -> tuple[str, pd.Series] | None:
    """A fact's column and its name; None where it cannot be a feature."""
    told = rows[chosen.present[rows]]
    some = chosen.data.take(pa.array(told, pa.int64()))
    numbers = some["number"].to_numpy().astype(float)
    units = np.array([u if u and u != "1" else "" for u in some["unit"].to_pylist()], object)
    unit = commonest(units)
    wanted = None if like is None else _wanted(like, name)
    number = is_quantity(some["value"], numbers, unit) if wanted is None else wanted[1]
    if wanted is not None:
        unit = wanted[2]
    if not len(told) and wanted is None:
        return None
    who = chosen.who[told]
    if number:
        values, why = in_one_unit(numbers, units, unit)
        lost = np.flatnonzero(why != "")
        _count(known, chosen, told[lost], why[lost].tolist())
        filled = np.full(len(known), np.nan, np.float32)
        filled[who] = values
        column = f"{name} ({unit})" if unit else name
        return column, pd.Series(filled, index=list(known.keys))
    said = pc.coalesce(some["value"], pc.cast(some["number"], pa.string())).combine_chunks()
    levels = pc.dictionary_encode(said)
    if wanted is None and len(levels.dictionary) > most:
        _count(known, chosen, told, MANY)
        return None
    texts = levels.dictionary.to_pylist()
    if wanted is None and texts and all(_IDENTIFIER.fullmatch(one) for one in texts):
        _count(known, chosen, told, IDENTIFIER)
        return None
    order = np.argsort(np.array(texts, object)) if texts else np.zeros(0, np.int64)
    rank = np.empty(len(texts), np.int64)
    rank[order] = np.arange(len(texts))
    codes = np.full(len(known), -1, np.int64)
    codes[who] = rank[levels.indices.to_numpy()] if len(who) else codes[who]
    sorted_ = pd.Index([texts[k] for k in order], dtype=object)
    series = pd.Categorical.from_codes(codes, categories=sorted_)
    return name, pd.Series(series, index=list(known.keys))


def _wanted(like: Block, name: str) -> tuple[str, bool, str] | None:
    """Column, whether it is a number, and unit, of the block that is to be followed."""
    for column in like.names:
        if column == name:
            return column, not isinstance(like.frame[column].dtype, pd.CategoricalDtype), ""
        bare, bracket, unit = column.removesuffix(")").rpartition(" (")
        if bracket and bare == name and column.endswith(")"):
            return column, True, unit
    return None


def _as(frame: pd.DataFrame, like: Block) -> pd.DataFrame:
    made = {}
    for column in like.names:
        if column in frame.columns:
            made[column] = frame[column]
        elif isinstance(like.frame[column].dtype, pd.CategoricalDtype):
            made[column] = pd.Series(
                pd.Categorical([None] * len(frame), categories=like.frame[column].cat.categories),
                index=frame.index,
            )  # fmt: skip
        else:
            made[column] = pd.Series(np.float32(np.nan), index=frame.index, dtype=np.float32)
    return pd.DataFrame(made, index=frame.index)
