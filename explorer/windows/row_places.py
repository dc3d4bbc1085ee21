"""row_places: where rows lie from the index day, with what never is a feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.windows.window import PLACES
from explorer.windows.windowed import Windowed

OUTCOME = "an outcome"
LATE_END = "its end is after the index"


def row_places(
    data: pa.Table, never: Mapping[str, str], windowed: Windowed
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Say of rows whether they were known on the index day.

    Parameters
    ----------
    data : pyarrow.Table
        Of `Windowed.rows`; of events with ``end_day``.
    never : mapping
        Names that are never features, with the rule: of `outcome_columns`, one table's.
    windowed : Windowed

    Returns
    -------
    place : ndarray of str, (row,)
        One of `PLACES`, 'an outcome', or 'its end is after the index'.
    why : ndarray of str or None, (row,)
        Of an outcome the rule, and of a late end what it tells.
    """
    codes = data["place"].combine_chunks().indices.to_numpy()
    place: NDArray[Any] = np.array(PLACES, object)[codes]
    why: NDArray[Any] = np.full(len(place), None, object)
    if "end_day" in data.column_names:
        zero = data["day"].to_numpy().astype(float) - data["offset"].to_numpy().astype(float)
        end = data["end_day"].to_numpy().astype(float) - zero
        with np.errstate(invalid="ignore"):
            late = (place == "look-back") & (end > -windowed.window.gap)
        place[late], why[late] = LATE_END, "how long it took is known only then"
    if never:
        names = pa.array(list(never), pa.string())
        of = pc.index_in(data["what"], value_set=names).to_numpy().astype(float)
        held = ~np.isnan(of)
        place[held] = OUTCOME
        why[held] = np.array(list(never.values()), object)[of[held].astype(int)]
    return place, why
