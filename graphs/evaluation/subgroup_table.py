"""subgroup_table: is a model as good for women and men, for the young and the old, at each site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.evaluation.bootstrap import interval
from graphs.evaluation.estimates import Estimates, among, patients_of
from graphs.evaluation.measures import Measure
from graphs.evaluation.run_folds import WHOLE, Ran

LEAST_PATIENTS, LEAST_EVENTS = 20, 5
_AGES = (0, 50, 65, 75, 200)
_MOST_VALUES = 6
_HEAD = ["model", "column", "group", "patients", "events", "measure", "value", "low", "high",
         "gap", "gap low", "gap high", "said"]  # fmt: skip


def subgroups_of(about: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[str, str, Any]]:
    """Groups of patients: column, group, and who is in it, ndarray of bool, (patient,).

    Ages are divided at 50, 65 and 75 years, other numbers of many values in thirds; whose value
    is missing is in the group 'unknown'.
    """
    for name in columns:
        said = about[name]
        if pd.api.types.is_numeric_dtype(said.dtype) and said.nunique() > _MOST_VALUES:
            labels = _cut(str(name), said.astype(float))
        else:
            labels = said.astype(object).map(str, na_action="ignore")
        known = np.array(labels.fillna("unknown"), dtype=object)
        first = said if pd.api.types.is_numeric_dtype(said.dtype) else known
        order = pd.DataFrame({"group": known, "by": np.asarray(first)}).groupby("group")["by"].min()
        names = sorted(order.index, key=lambda one: (one == "unknown", order[one]))
        for group in names:
            yield str(name), str(group), known == group


def _cut(name: str, values: pd.Series) -> pd.Series:
    if name.casefold() in ("age", "age at index", "age_at_index"):
        labels = ["under 50", "50 to 64", "65 to 74", "75 and above"]
        made = pd.cut(values, _AGES, right=False, labels=labels)
    else:
        low, high = values.quantile([1 / 3, 2 / 3])
        if not low < high:
            return values.astype(str)
        labels = [f"below {low:g}", f"{low:g} to {high:g}", f"{high:g} and above"]
        made = pd.cut(values, [-np.inf, low, high, np.inf], right=False, labels=labels)
    return made.astype(object)


def subgroup_table(
    names: list[str], ran: Ran, estimates: Estimates, first: Measure, columns: Sequence[str]
) -> pd.DataFrame:
    """A row for each model and group.

    Parameters
    ----------
    names : list of str
    ran : Ran
    estimates : Estimates
    first : Measure
    columns : sequence of str
        Of `Examples.about`.

    Returns
    -------
    pandas.DataFrame
        patients, events, the measure with its interval; 'gap': the group minus everybody else,
        with its interval; said: 'no gap seen', 'better than the others', 'worse ...', or 'too few'
        (fewer than 20 patients or 5 events in or outside of the group), where no number is given.
    """
    rows = []
    for name in names:
        held = ran.held.get((name, WHOLE), [])
        tested = np.zeros(len(estimates.setting.examples), bool)
        tested[patients_of(held)] = True
        for column, group, mask in subgroups_of(estimates.setting.examples.about, columns):
            if held:
                found = _row(held, mask & tested, ~mask & tested, estimates, first)
                rows.append({"model": name, "column": column, "group": group,
                             "measure": first.name, **found})  # fmt: skip
    return pd.DataFrame(rows, columns=_HEAD)


def _row(
    held: Any, inside: NDArray[np.bool_], outside: NDArray[np.bool_], estimates: Estimates,
    first: Measure,
) -> dict[str, Any]:  # fmt: skip
    counted = {"patients": int(inside.sum()), "events": _events(estimates, inside)}
    if _few(estimates, inside):
        return {**counted, "said": "too few"}
    values = estimates.drawn(first, among(held, inside))
    one = interval(float(values[0]), values[1:], first.chance)
    row: dict[str, Any] = {**counted, "value": one.value, "low": one.low, "high": one.high}
    if not outside.any():
        return {**row, "said": "everybody"}
    if _few(estimates, outside):
        return {**row, "said": "too few others"}
    off = values - estimates.drawn(first, among(held, outside))
    gap = interval(float(off[0]), off[1:])
    better = (gap.value > 0) == (first.better == "higher")
    said = "cannot tell" if not np.isfinite(gap.low) else "no gap seen"
    if gap.excludes:
        said = f"{'better' if better else 'worse'} than for the others"
    return {**row, "gap": gap.value, "gap low": gap.low, "gap high": gap.high, "said": said}


def _events(estimates: Estimates, mask: NDArray[np.bool_]) -> int:
    target = estimates.setting.target.take(mask)
    if target.timed:
        return int((target.event == 1).sum())
    if target.kind == "binary":
        return int((target.label == 1).sum())
    return int(mask.sum())


def _few(estimates: Estimates, mask: NDArray[np.bool_]) -> bool:
    count, events = int(mask.sum()), _events(estimates, mask)
    binary = estimates.setting.target.kind == "binary"
    return (count < LEAST_PATIENTS or events < LEAST_EVENTS
            or (binary and count - events < LEAST_EVENTS))  # fmt: skip
