"""about_of: by what results are divided: sex, age group, site, scanner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import NotFoundError
from explorer.patient_set import PatientSet
from explorer.split.values_of import values_of
from explorer.windows.patient_places import patient_places
from graphs.features.unit_ratio import unit_ratio

#: Column to what `explorer.split.values_of.values_of` is asked for, the first that there is.
ABOUT: dict[str, tuple[str, ...]] = {
    "sex": ("patient: sex", "facts: sex", "facts: gender"),
    "site": ("site", "facts: site", "facts: institution", "facts: center"),
    "scanner": ("scanner",),
}
_AGES = ("age", "age_at_diagnosis", "age at diagnosis", "age_at_index", "patient_age")
_EDGES = (40, 50, 60, 70, 80)
_MOST_YEARS = 125


def about_of(
    patients: PatientSet, wanted: Mapping[str, str | Sequence[str]] | None = None
) -> pd.DataFrame:
    """Look up what patients are, for tables by subgroup; never for features.

    Parameters
    ----------
    patients : PatientSet
    wanted : mapping of str to str or sequence of str, optional
        Column to what to look up, as `explorer.split.values_of.values_of` takes it; these replace
        or follow sex, age group, site and scanner. A site by TCGA barcode has to be asked for:
        ``{"site": "tcga site"}``.

    Returns
    -------
    pandas.DataFrame
        Index: keys; categories, missing where nothing or several things are known of a patient.
        Columns of which nobody has anything are left out.
    """
    asked: dict[str, tuple[str, ...]] = dict(ABOUT)
    for name, one in (wanted or {}).items():
        asked[name] = (one,) if isinstance(one, str) else tuple(one)
    keys = list(patients.keys)
    made: dict[str, pd.Series] = {}
    for name, tries in asked.items():
        found = _first(patients, tries)
        if found is not None:
            made[name] = found
    ages = None if "age group" in asked else _age_groups(patients)
    if ages is not None:
        made["age group"] = ages
    return pd.DataFrame(made, index=pd.Index(keys, name="patient"))


def _first(patients: PatientSet, tries: Sequence[str]) -> pd.Series | None:
    for one in tries:
        try:
            values = values_of(patients, one)
        except NotFoundError:
            continue
        said = [next(iter(values.of[key])) if len(values.of[key]) == 1 else None
                for key in patients.keys]  # fmt: skip
        if values.numbers:
            said = [None if said[k] is None else group for k, group in
                    enumerate(values.strata().values())]  # fmt: skip
        if any(one is not None for one in said):
            return pd.Series(pd.Categorical(said), index=list(patients.keys))
    return None


def _age_groups(patients: PatientSet) -> pd.Series | None:
    """Decades of the first fact that is an age whose unit is known."""
    data = patients.rows("facts", ["name", "number", "unit"])
    data = data.filter(pc.is_valid(data["number"]))
    keys = pa.array(patients.keys, pa.string())
    for name in _AGES:
        some = data.filter(pc.equal(pc.utf8_lower(data["name"]), name))
        ratio = np.array([unit_ratio(one or "years", "years") or np.nan
                          for one in some["unit"].to_pylist()])  # fmt: skip
        years = some["number"].to_numpy().astype(float) * ratio
        good = np.isfinite(years) & (years >= 0) & (years < _MOST_YEARS)
        if not good.any():
            continue
        who = patient_places(some, keys)[good]
        least, most = np.full(len(keys), np.inf), np.full(len(keys), -np.inf)
        group = np.digitize(years[good], _EDGES)
        np.minimum.at(least, who, group)
        np.maximum.at(most, who, group)
        code = np.where(least == most, least, -1).astype(int)
        return pd.Series(pd.Categorical.from_codes(code, pd.Index(_names()), ordered=True),
                         index=list(patients.keys))  # fmt: skip
    return None


def _names() -> list[str]:
    between = [f"{low} to {high - 1}" for low, high in pairwise(_EDGES)]
    return [f"below {_EDGES[0]}", *between, f"{_EDGES[-1]} and above"]
