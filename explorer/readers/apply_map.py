"""A map's entry for a table's file: found by the file's name, checked against its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy

from explorer.errors import FileRefusedError
from explorer.readers.guess_column import is_numeric
from explorer.readers.guess_table import fill, guess_table, table_stem
from explorer.readers.table_meaning import Block, Meaning
from explorer.readers.table_sheet import Sheet


def matches(pattern: str, relative: str) -> bool:
    """Whether a pattern (`*` and `?`, nothing else is special) is that of a file.

    Parameters
    ----------
    pattern : str
        Of the file's name, or with ``/`` of its whole path below the source.
    relative : str
        Path below the source, with ``/``.
    """
    name = relative if "/" in pattern else relative.rpartition("/")[2]
    signs = {"*": ".*", "?": "."}
    made = "".join(signs.get(sign) or re.escape(sign) for sign in pattern)
    return re.fullmatch(made, name, re.DOTALL) is not None


def entry_for(tables: Sequence[Meaning], relative: str, sheet: str | None) -> Meaning | None:
    """The first entry of a map that speaks of a file (and of its sheet)."""
    for one in tables:
        if matches(one.files, relative) and (one.sheet is None or one.sheet == sheet):
            return deepcopy(one)
    return None


def meaning_of(sheet: Sheet, name: str, entry: Meaning | None) -> Meaning:
    """What a table means: as a map says, the rest guessed.

    Parameters
    ----------
    sheet : Sheet
    name : str
        Of the file.
    entry : Meaning or None

    Returns
    -------
    Meaning

    Raises
    ------
    FileRefusedError
        The map speaks of a column that the table does not have, or nothing names the patients.
    """
    if entry is None:
        return guess_table(sheet, name)
    gone = _missing(sheet, entry)
    if gone and entry.by == "guess":
        return guess_table(sheet, name)  # the table has changed, and so may what it means
    if gone:
        raise FileRefusedError(
            f"The map speaks of columns that the table does not have: {', '.join(map(repr, gone))}",
            expected=f"of {', '.join(map(repr, sheet.columns[:40]))}",
            do="correct the map (oncograph ingest --map)",
        )
    entry.sheet = sheet.name
    _resolve(sheet, entry, name)
    return entry if entry.rows == "features" else fill(sheet, entry)


def _missing(sheet: Sheet, entry: Meaning) -> list[str]:
    told = [entry.identifier, entry.features, entry.anchor, *entry.columns]
    told += [entry.name, entry.time, entry.end, entry.value, entry.unit, entry.code]
    for outcome in entry.outcomes:
        told += [outcome.time, outcome.event, outcome.followed]
    for block in entry.vectors:
        told += block.columns
    have = set(sheet.columns)
    return [name for name in dict.fromkeys(told) if name and name not in have][:10]


def _resolve(sheet: Sheet, entry: Meaning, name: str) -> None:
    """Find the columns of blocks that are said as patterns."""
    told = {entry.identifier, entry.features, *entry.columns}
    told |= {name for block in entry.vectors for name in block.columns}
    for block in sorted(entry.vectors, key=lambda one: -len(one.pattern or "")):
        if block.pattern is None:
            continue
        before, _, after = block.pattern.partition("*")
        block.columns = [
            one
            for one in sheet.columns
            if one not in told
            and one.startswith(before)
            and one.endswith(after)
            and len(one) > len(before) + len(after)
            and (entry.rows == "features" or is_numeric(sheet.data[one]) or entry.by == "person")
        ]
        told |= set(block.columns)
        block.features = [one[len(before) : len(one) - len(after)] for one in block.columns]
    if entry.rows == "features" and not entry.vectors:
        rest = [one for one in sheet.columns if one not in told]
        entry.vectors = [Block(table_stem(name), rest, [])]
