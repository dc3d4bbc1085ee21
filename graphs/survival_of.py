"""survival_of: an outcome of some patients, by the values of a facet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.errors import NotFoundError
from explorer.facet import Facet
from graphs.kaplan_meier import Survival, kaplan_meier
from graphs.outcome import Outcome


def survival_of(
    outcome: Outcome,
    among: NDArray[np.bool_],
    by: Facet | None = None,
    most: int = 6,
) -> tuple[Survival, dict[str, int]]:
    """Estimate survival of the chosen patients.

    Parameters
    ----------
    outcome : Outcome
    among : ndarray of bool, (patient,)
        Who was chosen.
    by : Facet, optional
        Groups: its values, or, of numbers, below the median of those who are counted against the
        rest.
    most : int
        Groups that are told apart at the most.

    Returns
    -------
    Survival
    dict of str to int
        Chosen patients who are not counted, by why.

    Raises
    ------
    NotFoundError
        More groups than `most`.
    """
    out: dict[str, int] = {}
    for why in sorted(set(outcome.why[among].tolist()) - {""}):
        out[why] = int((among & (outcome.why == why)).sum())
    counted = among & outcome.known
    if by is None:
        return kaplan_meier(outcome.time[counted], outcome.event[counted]), out
    group, order = _numbers(by, counted) if by.numeric else _values(by, counted, most)
    for k, state in enumerate(by.states):
        who = by.patient[by.code == by.values + k]
        number = int(counted[who].sum())
        if number:
            out[f"{by.title}, no value: {state}"] = number
    several = int((counted & (group == _SEVERAL)).sum())
    if several:
        out[f"{by.title}: several values"] = several
    counted &= group >= 0
    named = [order[k] for k in group[counted]]
    return kaplan_meier(outcome.time[counted], outcome.event[counted], named, order), out


_NONE, _SEVERAL = -1, -2


def _values(
    by: Facet, counted: NDArray[np.bool_], most: int
) -> tuple[NDArray[np.int64], list[str]]:
    of_value = by.code < by.values
    patient, code = by.patient[of_value], by.code[of_value]
    held = np.bincount(patient, minlength=len(counted))
    sizes = np.bincount(code[counted[patient] & (held[patient] == 1)], minlength=by.values)
    used = np.flatnonzero(sizes)
    if len(used) > most:
        raise NotFoundError(
            f"{by.title} has {len(used)} groups",
            expected=f"at most {most}, which can be told apart in one figure",
            do="choose some of its values first",
        )
    place = np.full(by.values, _NONE)
    place[used] = np.arange(len(used))
    group = np.full(len(counted), _NONE)
    group[patient] = place[code]
    group[held > 1] = _SEVERAL
    return group, [by.labels[k] for k in used]


def _numbers(by: Facet, counted: NDArray[np.bool_]) -> tuple[NDArray[np.int64], list[str]]:
    group = np.full(len(counted), _NONE)
    if by.numbers is None or by.number_of is None:
        return group, []
    held = np.bincount(by.number_of, minlength=len(counted))
    alone = held[by.number_of] == 1
    who, numbers = by.number_of[alone], by.numbers[alone]
    inside = counted[who]
    middle = float(np.median(numbers[inside])) if inside.any() else 0.0
    group[who] = (numbers >= middle).astype(int)
    group[held > 1] = _SEVERAL
    unit = f" {by.unit}" if by.unit else ""
    return group, [f"below {middle:g}{unit} (median)", f"{middle:g}{unit} and above"]
