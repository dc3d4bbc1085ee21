"""patient_places: of each row, its patient's position in a list of keys."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def patient_places(data: pa.Table, keys: pa.Array) -> NDArray[np.int64]:
    """Look the patients of rows up.

    Parameters
    ----------
    data : pyarrow.Table
        With ``patient``, all of them among the keys.
    keys : pyarrow array of str

    Returns
    -------
    ndarray of int64, (row,)
    """
    place: NDArray[np.int64] = pc.index_in(data["patient"], value_set=keys).to_numpy()
    return place.astype(np.int64)
