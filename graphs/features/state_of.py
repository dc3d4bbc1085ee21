"""state_of: why patients have nothing of a modality."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_STATES = ("absent", "not acquired", "not extracted", "withheld")


def state_of(
    frame: pd.DataFrame, who: NDArray[np.int64], said: NDArray[Any]
) -> NDArray[np.str_]:  # fmt: skip
    """Tell it of each patient.

    Only rows that may be features are looked at: that something was recorded after the index day
    must not show.

    Parameters
    ----------
    frame : pandas.DataFrame
        Features, a row a patient.
    who : ndarray of int64, (row,)
        Patients' positions of the rows that were read.
    said : ndarray of str, (row,)
        Their states.

    Returns
    -------
    ndarray of str, (patient,)
        'present' where there is a value; the state that all of the patient's rows have, where
        they have one; else 'unknown'.
    """
    made: NDArray[Any] = np.full(len(frame), "", object)
    if len(who):
        texts = np.array([str(one or "").partition(":")[0].strip() for one in said], object)
        kept = np.isin(texts.astype(str), _STATES)
        texts[~kept] = "unknown"
        order = np.argsort(who, kind="stable")
        owner, state = who[order], texts[order]
        starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        first = np.repeat(state[starts], np.diff(np.r_[starts, len(owner)]))
        mixed = np.logical_or.reduceat(state != first, starts)
        made[owner[starts]] = np.where(mixed, "unknown", state[starts])
    made[made == ""] = "unknown"
    if frame.shape[1]:
        made[frame.notna().to_numpy().any(axis=1)] = "present"
    return made.astype(str)
