"""person_table: one row a patient, one column a variable, and why a value is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.errors import NotFoundError
from explorer.facet import NO_RECORD
from explorer.is_quantity import is_quantity
from explorer.patient_set import PatientSet

#: A patient has more than one value of a variable: a course over time is no baseline.
SEVERAL = "several values"


@dataclass(frozen=True, eq=False)
class PersonTable:
    """Variables of the patients of a set.

    Attributes
    ----------
    values : pandas.DataFrame, (patient, variable)
        Indexed by the patients' keys; floats and texts (hostile), NaN and None where missing.
    states : pandas.DataFrame, (patient, variable)
        'present', or why there is no value: 'no record', 'not acquired', 'several values', ...
    units : dict of str
        Of the numbers, by variable; empty where the source says none.
    numeric : frozenset of str
        Variables that are quantities.
    """

    values: pd.DataFrame
    states: pd.DataFrame
    units: dict[str, str]
    numeric: frozenset[str]

    def pick(self, names: Sequence[str]) -> PersonTable:
        """Some variables, in this order.

        Raises
        ------
        NotFoundError
            There is no such variable.
        """
        for name in names:
            if name not in self.values.columns:
                raise NotFoundError(
                    f"No variable {name!r}",
                    expected="'sex' or the name of a fact, such as "
                    + ", ".join(map(repr, self.values.columns[:4])),
                )
        chosen = list(names)
        return PersonTable(
            self.values[chosen],
            self.states[chosen],
            {name: self.units.get(name, "") for name in chosen},
            self.numeric & frozenset(chosen),
        )


def person_table(cohort: PatientSet) -> PersonTable:
    """Read sex and every fact that is told once of a patient.

    A fact with two units is two variables, since numbers in different units are never mixed.

    Parameters
    ----------
    cohort : PatientSet

    Returns
    -------
    PersonTable
    """
    keys = pd.Index(cohort.keys, name="patient")
    persons = cohort.rows("attributes", ["came_as", "sex"]).to_pandas()
    sex = persons[persons["sex"].notna()].drop_duplicates("patient").set_index("patient")["sex"]
    values = {"sex": sex.reindex(keys).astype(object)}
    states = {"sex": pd.Series(np.where(values["sex"].notna(), "present", "unknown"), keys)}
    units: dict[str, str] = {}
    numeric = set()
    rows = cohort.rows("facts", ["name", "value", "number", "unit", "state"]).to_pandas()
    rows["unit"] = _units(rows)
    for (name, unit), some in rows.groupby(["name", "unit"], sort=True):
        several = rows.loc[rows["name"] == name, "unit"].nunique() > 1
        title = f"{name} ({unit})" if several and unit else str(name)
        title = title if title not in values else f"fact {title}"
        values[title], states[title], number = _column(some, keys, str(unit))
        units[title] = str(unit)
        if number:
            numeric.add(title)
    return PersonTable(pd.DataFrame(values), pd.DataFrame(states), units, frozenset(numeric))


def _units(rows: pd.DataFrame) -> pd.Series:
    """Units; a row without one (it has no value, say) belongs to its name's only one."""
    unit = rows["unit"].replace("1", "").fillna("")
    said = unit[unit != ""].groupby(rows["name"]).agg(["nunique", "first"])
    only = said.loc[said["nunique"] == 1, "first"]
    return unit.where(unit != "", rows["name"].map(only).fillna(""))


def _column(rows: pd.DataFrame, keys: pd.Index, unit: str) -> tuple[pd.Series, pd.Series, bool]:
    """A variable's values and states, and whether it is a quantity."""
    state = rows["state"].fillna("present").str.partition(":")[0]
    here = rows[state == "present"]
    text = here["value"].fillna(here["number"].astype("string"))
    numbers = is_quantity(
        pa.array(here["value"], pa.string(), from_pandas=True),
        here["number"].to_numpy(float),
        unit,
    )
    value = (here["number"] if numbers else text).set_axis(here["patient"])
    # the same value told twice (by two tables) is one
    pairs = pd.DataFrame({"patient": value.index, "value": value.to_numpy()}).drop_duplicates()
    count = pairs["patient"].value_counts()
    single = pairs[pairs["patient"].map(count) == 1].set_index("patient")["value"]
    values = single.reindex(keys).astype(float if numbers else object)
    why = pd.Series(NO_RECORD, keys, dtype=object)
    told = state[state != "present"].set_axis(rows.loc[state != "present", "patient"])
    told = told[~told.index.duplicated()]
    why.update(told)
    why[keys.isin(count.index[count > 1])] = SEVERAL
    why[values.notna()] = "present"
    return values, why, numbers
