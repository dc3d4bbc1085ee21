"""phenotype: who gets a diagnosis in the outcome window, by codes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.errors import TaskError
from explorer.patient_set import PatientSet
from explorer.windows.code_rules import CodeRules
from explorer.windows.follow_up import follow_up
from explorer.windows.patient_places import patient_places
from explorer.windows.row_addresses import ADDRESS_COLUMNS, row_addresses
from explorer.windows.window import Window
from explorer.windows.windowed import Windowed

BEFORE = "before the window"
# Tables whose rows carry codes, and the column of the code system.
_CODED: dict[str, str | None] = {"events": "code_scheme", "facts": None, "observations": None}


def phenotype(
    patients: PatientSet,
    codes: CodeRules | str | Iterable[str],
    window: Window,
    *,
    incident: bool = True,
    follow: str | None = None,
) -> pd.DataFrame:
    """Label patients by whether a code stands in the outcome window.

    A code counts where its day lies in the window (its first day does not belong to it, its last
    one does). Codes after the window do not count, and are no sign of absence either: whoever has
    none in the window is 'absent' only if he was followed to its end, else 'censored'.

    Parameters
    ----------
    patients : PatientSet
    codes : CodeRules, str or iterable of str
        See `CodeRules`.
    window : Window
        With an outcome window.
    incident : bool
        Leave out whoever has such a code before the outcome window begins.
    follow : str, optional
        The outcome whose time is the end of follow-up; see `follow_up`.

    Returns
    -------
    pandas.DataFrame
        A row a patient, indexed by key: ``label`` (1, 0 or missing), ``state`` ('present',
        'absent', 'censored', 'before the window', 'cannot tell: ...'), ``offset`` (days from the
        index day to the first code in the window, or before it), ``followed`` (days),
        ``address`` of that code.

    Raises
    ------
    TaskError
        The window has no outcome window.

    References
    ----------
    Merlin (Blankemeier et al., 2024): labels of five years from codes, by phecodes.
    """
    if window.outcome is None:
        raise TaskError("A phenotype without an outcome window", expected="outcome=(0, 1825)")
    windowed = window.apply(patients)
    who, offset, address = _coded(windowed, CodeRules.of(codes))
    count = len(patients.keys)
    start, end = window.outcome
    inside = (offset > start) & (offset <= (np.inf if end is None else end))
    early = offset <= start
    has_in, first_in = _first(who, offset, inside, count)
    has_early, first_early = _first(who, offset, early, count)
    undated = np.bincount(who[np.isnan(offset)], minlength=count) > 0
    followed = follow_up(windowed, follow)
    state = np.full(count, "censored", object)
    if end is not None:
        state[followed >= end] = "absent"
    state[np.isnan(followed)] = "cannot tell: no day of follow-up"
    state[undated] = "cannot tell: a code has no day"
    state[has_in] = "present"
    if incident:
        # it may have been there before: a new case cannot be told from an old one
        state[has_in & undated] = "cannot tell: a code has no day"
        state[has_early] = BEFORE
    index = windowed.index["state"].to_numpy()
    none = index != "present"
    state[none] = np.array([f"cannot tell: the index: {one}" for one in index[none]], object)
    chosen = np.where(state == "present", first_in, -1)
    chosen = np.where(state == BEFORE, first_early, chosen)
    return _made(patients, state, chosen, offset, address, followed)


def _coded(
    windowed: Windowed, rules: CodeRules
) -> tuple[NDArray[np.int64], NDArray[np.float64], list[str]]:
    """Patients, days from the index day, and addresses of the rows with such a code."""
    keys = pa.array(windowed.patients.keys, pa.string())
    who, offset, address = [np.zeros(0, np.int64)], [np.zeros(0)], []
    for table, system in _CODED.items():
        more = ("code", "state", *((system,) if system else ()), *ADDRESS_COLUMNS[table])
        data = windowed.rows(table, more)
        held = pc.fill_null(pc.equal(data["state"], "present"), True)
        data = data.filter(pc.and_(held, pc.is_valid(data["code"])))
        data = data.filter(rules.mask(data["code"], data[system] if system else None))
        who.append(patient_places(data, keys))
        offset.append(data["offset"].to_numpy().astype(float))
        address += row_addresses(table, data, windowed.patients.versions)
    return np.concatenate(who), np.concatenate(offset), address


def _first(
    who: NDArray[np.int64], offset: NDArray[np.float64], among: NDArray[np.bool_], count: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Who has one of some rows, and the position of his earliest one (-1 without)."""
    rows = np.flatnonzero(among)
    rows = rows[np.lexsort((rows, offset[rows], who[rows]))]
    of, first = np.unique(who[rows], return_index=True)
    found = np.full(count, -1, np.int64)
    found[of] = rows[first]
    return found >= 0, found


def _made(
    patients: PatientSet,
    state: NDArray[np.object_],
    chosen: NDArray[np.int64],
    offset: NDArray[np.float64],
    address: list[str],
    followed: NDArray[np.float64],
) -> pd.DataFrame:
    held = chosen >= 0
    days = np.zeros(len(state), np.int64)
    days[held] = offset[chosen[held]].astype(np.int64)
    where = np.full(len(state), None, object)
    where[held] = np.array(address, object)[chosen[held]]
    label = (state == "present").astype(np.int64)
    unknown = ~np.isin(state, ("present", "absent"))
    gone = np.isnan(followed)
    return pd.DataFrame(
        {
            "label": pd.arrays.IntegerArray(label, unknown),
            "state": state,
            "offset": pd.arrays.IntegerArray(days, ~held),
            "followed": pd.arrays.IntegerArray(np.where(gone, 0, followed).astype(np.int64), gone),
            "address": where,
        },
        index=pd.Index(patients.keys, name="patient"),
    )
