"""Edges between patients whose chosen facts are near; see `graphs.assembly.similar`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from graphs.hetero.pool import Pool
from graphs.hetero.rows import Rows
from graphs.hetero.text_columns import Ints, codes
from graphs.similar_by import SimilarBy


def add_similar(pool: Pool, rows: Rows, by: SimilarBy) -> None:
    """Draw an edge from each patient to the nearest others.

    Parameters
    ----------
    pool : Pool
    rows : Rows
        Facts that were known on the index date.
    by : SimilarBy
    """
    said = rows.filter(rows.text("value").is_valid())
    values = pd.DataFrame(index=range(len(pool.keys)))
    for name, within in by.facts.items():
        of = said.filter(pc.fill_null(pc.equal(said.text("name"), name), False))
        value = codes(of.text("value"))[0] if within is None else of.number("number")
        frame = pd.DataFrame({"patient": of.patient, "value": value}).dropna().drop_duplicates()
        # who has several values cannot be compared
        values[name] = frame.drop_duplicates("patient", keep=False).set_index("patient")["value"]
    values = values.dropna()
    exact = [name for name, within in by.facts.items() if within is None]
    near = [name for name, within in by.facts.items() if within is not None]
    groups = values.groupby(exact, sort=False) if exact else [((), values)]
    for _, some in groups:
        if len(some) < 2:
            continue
        place = some.index.to_numpy(np.int64)
        scale = np.array([float(by.facts[name] or 1) for name in near])
        tail, head, far = (
            _nearest(some[near].to_numpy(float) / scale, by.nearest)
            if near else _next(len(some), by.nearest)
        )  # fmt: skip
        pool.edge("similar_to", place[tail], place[head], far)


def _next(count: int, nearest: int) -> tuple[Ints, Ints, NDArray[np.float32]]:
    """All are as near: the next ones in the order of the keys stand for them."""
    many = min(nearest, count - 1)
    tail = np.repeat(np.arange(count), many)
    head = (tail + np.tile(np.arange(1, many + 1), count)) % count
    return tail, head, np.zeros(len(tail), np.float32)


def _nearest(numbers: NDArray[np.float64], nearest: int) -> tuple[Ints, Ints, NDArray[np.float32]]:
    from scipy.spatial import cKDTree

    count = min(nearest + 1, len(numbers))
    # Chebyshev's distance is at most 1 where each fact is within its own difference
    far, index = cKDTree(numbers).query(numbers, k=count, p=np.inf, distance_upper_bound=1 + 1e-9)
    own = np.arange(len(numbers))[:, None]
    there = (index != own) & np.isfinite(far)
    there &= np.cumsum(there, axis=1) <= nearest
    tail = np.nonzero(there)[0]
    return tail, index[there].astype(np.int64), far[there].astype(np.float32)
