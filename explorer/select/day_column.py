"""Days of rows as floats, NaN where there is none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.facet import Ints
from explorer.select.basis import Basis


def day_column(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column of days.

    Parameters
    ----------
    column : pyarrow.ChunkedArray of int64

    Returns
    -------
    ndarray of float, (row,)
    """
    found: NDArray[np.float64] = pc.cast(column, pa.float64()).to_numpy()
    return found.astype(np.float64)


def days_of_items(
    basis: Basis, table: str, where: Ints, items: pa.ChunkedArray
) -> NDArray[np.float64]:
    """The days of the items, or reports, that rows speak of.

    Parameters
    ----------
    basis : Basis
    table : {'items', 'texts'}
    where : ndarray of int32, (row,)
        Patients.
    items : pyarrow.ChunkedArray
        Ids.
    """
    owner, data = basis.table(table, "item", "day")
    names = _named(owner, data["item"])
    place = pc.index_in(_named(where, items), value_set=names)
    days = pa.array(day_column(data["day"]))
    return day_column(pa.chunked_array([days.take(place)]))


def _named(where: Ints, items: pa.ChunkedArray) -> pa.Array:
    owner = pc.cast(pa.array(where), pa.string())
    whole = items.combine_chunks()
    joined = pc.binary_join_element_wise(owner, pc.fill_null(whole, ""), "/")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
