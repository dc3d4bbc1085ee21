"""counted: how often each of several things was said of each patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Counted:
    """A count a patient and name.

    Attributes
    ----------
    names : list of str
        Sorted.
    counts : ndarray of float32, (patient, name)
    place : dict of str to ndarray of int64, (patient,)
        Of the last row that was counted; -1 where none was.
    left : ndarray of int64
        Rows whose name fewer patients have than are wanted, or that are too many.
    """

    names: list[str]
    counts: NDArray[np.float32]
    place: dict[str, NDArray[np.int64]]
    left: NDArray[np.int64]


def counted(
    who: NDArray[np.int64],
    names: pa.Array | pa.ChunkedArray,
    rows: NDArray[np.int64],
    patients: int,
    at_least: int = 1,
    most: int = 500,
) -> Counted:
    """Count.

    Parameters
    ----------
    who : ndarray of int64, (entry,)
        Patients' positions.
    names : pyarrow array of str, (entry,)
        Null is not counted.
    rows : ndarray of int64, (entry,)
        The row that each entry is of.
    patients : int
    at_least : int
        Patients who must have a thing.
    most : int
        Names, at most: those that the most patients have.

    Returns
    -------
    Counted
    """
    held = np.flatnonzero(np.asarray(pc.is_valid(names).to_numpy(zero_copy_only=False), bool))
    whole = names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names
    encoded = pc.dictionary_encode(whole.take(pa.array(held)))
    texts: list[str] = encoded.dictionary.to_pylist()
    code = encoded.indices.to_numpy().astype(np.int64)
    owner, row = who[held], rows[held]
    table = np.zeros((patients, len(texts)), np.float32)
    np.add.at(table, (owner, code), 1)
    have = (table > 0).sum(axis=0)
    # the most patients first; of as many, by name
    order = sorted(range(len(texts)), key=lambda k: (-int(have[k]), texts[k]))
    kept = sorted((k for k in order[:most] if have[k] >= at_least), key=lambda k: texts[k])
    place = {}
    for k in kept:
        last = np.full(patients, -1, np.int64)
        mine = code == k
        last[owner[mine]] = row[mine]
        place[texts[k]] = last
    left = np.unique(row[~np.isin(code, kept)])
    return Counted([texts[k] for k in kept], table[:, kept], place, left)
