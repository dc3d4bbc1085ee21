"""table_one: the baseline table of a cohort, as papers print it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from explorer.card.person_table import PersonTable
from explorer.errors import NotFoundError

_DAYS = 365.25
_MOST_GROUPS = 4  # so many standardised differences can be read
_MOST_LABELS, _MOST_VARIABLES, _COVERED = 20, 24, 0.5
_COUNT = re.compile(r"^(\d+)( \(.*\))?$")
_GROUP = "group of the cohort"


def baseline(persons: PersonTable) -> list[str]:
    """Variables that a table one would show: told of half of the patients, and few categories.

    Parameters
    ----------
    persons : PersonTable

    Returns
    -------
    list of str
    """
    found = []
    for name in persons.values.columns:
        told = persons.values[name].dropna()
        few = name in persons.numeric or told.nunique() <= _MOST_LABELS
        if len(told) and few and (name == "sex" or len(told) >= _COVERED * len(persons.values)):
            found.append(name)
    return found[:_MOST_VARIABLES]


def table_one(
    persons: PersonTable,
    variables: Sequence[str] | None = None,
    by: str | Mapping[str, str] | None = None,
    least: int = 1,
) -> pd.DataFrame:
    """Summarise variables, by PyPI's tableone (Pollard et al., JAMIA Open 2018).

    Quantities as median and quartiles, categories as counts and shares of those who have a
    value. No p-values: between parts that were drawn at random they say nothing, and CONSORT
    2010 (item 15) advises against them; of groups, standardised mean differences instead.

    Parameters
    ----------
    persons : PersonTable
    variables : sequence of str, optional
        By default those of `baseline`.
    by : str or mapping, optional
        A variable, or a group of each patient by key (the parts of a split), for the columns.
    least : int
        Counts of patients below it are printed as '<5' and their shares left out, so that a
        card can be handed on. Sums may still tell them.

    Returns
    -------
    pandas.DataFrame
        Columns ``variable``, ``value``, ``missing`` and one a group; all texts.

    Raises
    ------
    NotFoundError
        There is no such variable.
    """
    names = list(variables) if variables is not None else baseline(persons)
    groups = _groups(persons, by)
    if groups is not None and isinstance(by, str):
        names = [name for name in names if name != by]
    some = persons.pick(names)
    data = some.values.copy()
    units = dict(some.units)
    for name in some.numeric:
        if units.get(name) == "days" and name.casefold().startswith("age"):
            data[name], units[name] = data[name] / _DAYS, "years"  # nobody reads ages in days
    titles = {name: f"{name} ({units[name]})" if units.get(name) else name for name in names}
    data = data.rename(columns=titles)
    numeric = [titles[name] for name in names if name in some.numeric]
    words = [titles[name] for name in names if name not in some.numeric]
    for title in words:
        data[title] = data[title].where(data[title].notna(), None).astype("string")
    if not len(data) or not names:
        return pd.DataFrame(columns=["variable", "value", "missing", "overall"])
    if groups is not None:
        data[_GROUP] = groups.fillna("none")
    return _shown(data, numeric, words, groups is not None, least)


def _groups(persons: PersonTable, by: str | Mapping[str, str] | None) -> pd.Series | None:
    if by is None:
        return None
    if isinstance(by, str):
        if by not in persons.values.columns or by in persons.numeric:
            raise NotFoundError(f"No variable {by!r} with categories", expected="'sex', or a fact")
        return persons.values[by].astype("string")
    return pd.Series(dict(by), dtype="string").reindex(persons.values.index)


def _shown(
    data: pd.DataFrame, numeric: list[str], words: list[str], grouped: bool, least: int
) -> pd.DataFrame:
    from tableone import TableOne  # takes statsmodels along, a second and a half

    few = grouped and 1 < data[_GROUP].nunique() <= _MOST_GROUPS
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of categories that a group has none of
        made = TableOne(
            data,
            columns=[*words, *numeric],
            categorical=words,
            continuous=numeric,
            nonnormal=numeric,
            groupby=_GROUP if grouped else None,
            missing=True,
            include_null=False,
            pval=False,
            smd=few,
            label_suffix=True,
        ).tableone
    made.columns = [str(one[-1] if isinstance(one, tuple) else one) for one in made.columns]
    flat: pd.DataFrame = made.reset_index(names=["variable", "value"])
    flat = flat.rename(columns={"Missing": "missing", "Overall": "overall"})
    flat = flat.astype("string").fillna("")
    for column in flat.columns[2:]:
        if not column.startswith("SMD"):
            whole = flat["variable"].str.contains(", n (%)", regex=False) | (
                flat["variable"] == "n"
            )
            counts = whole | (column == "missing")
            flat.loc[counts, column] = flat.loc[counts, column].map(lambda text: _few(text, least))
    return flat


def _few(text: str, least: int) -> str:
    found = _COUNT.match(text)
    if found and 0 < int(found[1]) < least:
        return f"<{least}"
    return text.replace(" (nan)", "")
