"""Rules about sources: the same study, series, object or file under two patients."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc

from explorer.name_rules import MOST_HOLDERS, Clue

_SHOWN = 3


def same_source(patients: pa.ChunkedArray, values: pa.ChunkedArray, rule: str) -> list[Clue]:
    """Find values that two patients have.

    Parameters
    ----------
    patients, values : pyarrow.ChunkedArray of string, (n,)
        Row by row the key of a patient and a UID or a hash.
    rule : str
        What the values are: 'SeriesInstanceUID', 'file', ...

    Returns
    -------
    list of Clue
        One for each pair of patients, however many values they share. Values that more than
        a handful of patients have say nothing of identity, and are passed over.
    """
    table = pa.table({"patient": patients, "value": values})
    table = table.filter(pc.and_(pc.is_valid(table["value"]), pc.not_equal(table["value"], "")))
    each = table.group_by(["patient", "value"]).aggregate([])
    counts = each.group_by("value").aggregate([("patient", "count")])
    several = counts.filter(
        pc.and_(
            pc.greater(counts["patient_count"], 1),
            pc.less_equal(counts["patient_count"], MOST_HOLDERS),
        )
    )
    shared = each.filter(pc.is_in(each["value"], value_set=several["value"].combine_chunks()))
    holders: dict[str, list[str]] = {}
    for row in shared.to_pylist():
        holders.setdefault(row["value"], []).append(row["patient"])
    pairs: dict[tuple[str, str], list[str]] = {}
    for value, keys in sorted(holders.items()):
        for pair in combinations(sorted(keys), 2):
            pairs.setdefault(pair, []).append(value)
    return list(_clues(pairs, rule))


def _clues(pairs: dict[tuple[str, str], list[str]], rule: str) -> Iterator[Clue]:
    for (one, other), values in sorted(pairs.items()):
        shown = ", ".join(values[:_SHOWN]) + (", ..." if len(values) > _SHOWN else "")
        what = "file (sha256)" if rule == "file" else rule
        yield Clue(one, other, rule, f"{len(values)} x the same {what}: {shown}")
