"""The visible rows of a table; columns are kept as long as nobody commits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from explorer.records import Records

# Columns that are kept between questions; a table of a million items has some 40 MB a column.
_MOST_BYTES = 512 * 2**20

Key = tuple[str, str | None]
Versions = tuple[int, int]


@dataclass
class _Kept:
    versions: Versions
    current: Any
    columns: dict[str, pa.ChunkedArray] = field(default_factory=dict)

    def table(self, names: list[str]) -> pa.Table:
        return pa.table({name: self.columns[name] for name in names})


class VisibleRows:
    """Reads the rows that heads name.

    What is kept holds for one version of the table and of the heads; any commit ends it.

    Parameters
    ----------
    records : Records
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._kept: dict[Key, _Kept] = {}

    def read(self, table: str, names: list[str], without: str | None) -> pa.Table:
        """Columns of the visible rows.

        Parameters
        ----------
        table : str
        names : list of str
        without : str or None
            A patient whose rows are left out.
        """
        key = table, without
        versions = self._versions(table)
        kept = self._kept.get(key)
        if kept is not None and kept.versions == versions:
            fresh = [name for name in names if name not in kept.columns]
            data = self._records.read(table, columns=fresh) if fresh else None
            # what was read after a commit does not fit to what is kept from before it
            if data is None or self._versions(table) == versions:
                self._keep(key, kept, data)
                return kept.table(names)
        kept = self._first(table, names, without, versions)
        if self._versions(table) == versions:
            self._keep(key, kept, None)
        return kept.table(names)

    def _versions(self, table: str) -> Versions:
        return self._records.table_version(table), self._records.table_version("patients")

    def _first(
        self, table: str, names: list[str], without: str | None, versions: Versions
    ) -> _Kept:
        at = f"at_{table}"
        # heads first: rows are there before a head names them, and would be missed otherwise
        heads = self._records.read("patients", columns=["patient", at])
        heads = heads.filter(pc.is_valid(heads[at]))
        joined = self._records.hidden()
        if joined:  # whoever was joined is part of another one; that move changed `patients`, too
            keys = pa.array(list(joined), pa.string())
            heads = heads.filter(pc.invert(pc.is_in(heads["patient"], value_set=keys)))
        if without is not None:
            heads = heads.filter(pc.not_equal(heads["patient"], without))
        data = self._records.read(table, columns=[*dict.fromkeys([*names, "patient", "commit"])])
        current = _current(data, heads, at)
        return _Kept(versions, current, _columns(data.select(names), current))

    def _keep(self, key: Key, kept: _Kept, data: pa.Table | None) -> None:
        if data is not None:
            kept.columns |= _columns(data, kept.current)
        self._kept.pop(key, None)
        self._kept[key] = kept
        while self._kept and self._bytes() > _MOST_BYTES:
            del self._kept[next(iter(self._kept))]  # the one that was asked for longest ago

    def _bytes(self) -> int:
        return sum(
            column.nbytes for kept in self._kept.values() for column in kept.columns.values()
        )


def _columns(data: pa.Table, current: Any) -> dict[str, pa.ChunkedArray]:
    visible = data if current is None else data.filter(current)
    return {name: visible[name] for name in visible.column_names}


def _current(data: pa.Table, heads: pa.Table, at: str) -> Any:
    """Whether a head names each row's commit, and is the row's own patient's; None: all are."""
    if not data.num_rows:
        return None
    # rows of a commit lie together: each run of equal ones is looked up once
    patients, commits, lengths = [], [], []
    for batch in data.select(["patient", "commit"]).to_batches():
        patient, commit = batch.columns
        first = pc.indices_nonzero(pc.or_(_differs(commit), _differs(patient)))
        patients.append(patient.take(first))
        commits.append(commit.take(first))
        lengths.append(np.diff(first.to_numpy().astype(np.int64), append=len(patient)))
    place = pc.index_in(pa.concat_arrays(commits), value_set=heads[at])
    owner = heads["patient"].combine_chunks().take(place)
    held = pc.fill_null(pc.equal(pa.concat_arrays(patients), owner), False)
    if pc.all(held).as_py():
        return None
    return pa.array(np.repeat(np.asarray(held), np.concatenate(lengths)))


def _differs(column: pa.Array) -> pa.Array:
    """Whether each value is another one than the one before it."""
    other = pc.fill_null(pc.not_equal(column[1:], column[:-1]), True)
    return pa.concat_arrays([pa.array([True]), other])
