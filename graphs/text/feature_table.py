"""feature_table: findings as numbers, one report a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphs.finding import Finding

if TYPE_CHECKING:
    import pandas as pd

_LEVEL = {"present": 1.0, "uncertain": 0.5, "absent": 0.0}


def feature_table(
    reports: Mapping[str, Sequence[Finding]], *, entities: Sequence[str] | None = None
) -> pd.DataFrame:
    """Make a table of features from findings.

    Synonyms are one feature, as an extractor names the entity: give one's own words by
    ``Lexicon.with_terms(my_file)``.

    Parameters
    ----------
    reports : mapping of str to sequence of Finding
        By report; what is 'not_assessed' does not count.
    entities : sequence of str, optional
        The features, in this order (a training set's, say); by default all that are named, sorted.

    Returns
    -------
    DataFrame, one row a report
        Index 'report'. For each entity: ``<entity>`` 1 stated, 0.5 left open, 0 denied, NaN not
        said (the highest of several); ``<entity>: mm`` its longest size now; ``<entity>: left``
        and ``: right`` 1 where it is stated on that side, else 0; ``<entity>: new``, and so on,
        for each change that occurs in the table.
    """
    import pandas as pd

    kept = {
        name: [one for one in found if one.assertion in _LEVEL] for name, found in reports.items()
    }
    names = sorted({one.entity for found in kept.values() for one in found})
    names = list(entities) if entities is not None else names
    changes = sorted({one.change for found in kept.values() for one in found if one.change})
    columns = [
        column
        for name in names
        for column in (
            name,
            f"{name}: mm",
            f"{name}: left",
            f"{name}: right",
            *(f"{name}: {change}" for change in changes),
        )
    ]
    rows = [_row(found, set(names), changes) for found in kept.values()]
    index = pd.Index(list(kept), name="report", dtype=object)
    table = pd.DataFrame(rows, index=index, columns=columns, dtype=float)
    flags = [column for column in columns if ": " in column and not column.endswith(": mm")]
    table[flags] = table[flags].fillna(0.0)
    return table


def _row(found: Sequence[Finding], names: set[str], changes: Sequence[str]) -> dict[str, float]:
    row: dict[str, float] = {}
    for one in found:
        name = one.entity
        if name not in names:
            continue
        row[name] = max(row.get(name, 0.0), _LEVEL[one.assertion])
        if one.assertion != "present":
            continue
        for side in ("left", "right"):
            if one.laterality in (side, "bilateral"):
                row[f"{name}: {side}"] = 1.0
        if one.change in changes:
            row[f"{name}: {one.change}"] = 1.0
        sizes = [max(m.mm) for m in one.measurements if m.kind == "size" and m.mm and not m.prior]
        if sizes:
            row[f"{name}: mm"] = max(row.get(f"{name}: mm", 0.0), *sizes)
    return row
