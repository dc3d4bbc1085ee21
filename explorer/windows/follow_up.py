"""follow_up: until which day each patient was followed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from explorer.windows.dated_rows import DATED
from explorer.windows.glob_match import glob_match
from explorer.windows.patient_places import patient_places
from explorer.windows.windowed import Windowed


def follow_up(windowed: Windowed, outcome: str | None = None) -> NDArray[np.float64]:
    """Find the last day on which something is known of each patient.

    Parameters
    ----------
    windowed : Windowed
    outcome : str, optional
        Pattern of an outcome's name whose time, of an event or censored, is the end of follow-up:
        'overall survival'. Without it, the last dated row of any table.

    Returns
    -------
    ndarray of float, (patient,)
        Days from the index day; NaN where nothing is known.
    """
    keys = pa.array(windowed.patients.keys, pa.string())
    last = np.full(len(keys), -np.inf)
    for table in DATED if outcome is None else ("events",):
        data = windowed.rows(table)
        if outcome is not None:
            data = data.filter(glob_match(data["what"], f"outcome:{outcome}"))
        offset = data["offset"].to_numpy().astype(float)
        who = patient_places(data, keys)
        dated = ~np.isnan(offset)
        np.maximum.at(last, who[dated], offset[dated])
    return np.where(np.isinf(last), np.nan, last)
