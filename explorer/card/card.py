"""card: what a cohort holds, in one document."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import pandas as pd

from explorer.address import Address
from explorer.card.contents import contents, scanners
from explorer.card.data_card import DataCard
from explorer.card.diversity import diversity, diversity_index
from explorer.card.licences import UNKNOWN, licences
from explorer.card.missingness import missingness
from explorer.card.person_table import PersonTable, person_table
from explorer.card.table_one import table_one
from explorer.errors import NotFoundError
from explorer.patient_set import PatientSet
from explorer.records import now

_DECADE, _DAYS = 10, 365.25
_MOST_KINDS = 12
_SOFTWARE = ("oncograph", "icechunk", "zarr", "pylance", "tableone")
Counts = dict[str, int]


def card(
    cohort: PatientSet,
    *,
    variables: Sequence[str] | None = None,
    by: str | Mapping[str, str] | None = None,
    site: str | None = None,
    age: str | None = None,
    balance: Sequence[str] = (),
    least: int = 1,
    note: str = "",
) -> DataCard:
    """Describe a cohort: table one, licences, missingness, balance, what is made up.

    Parameters
    ----------
    cohort : PatientSet
        Asked for, frozen, or a part of a split.
    variables : sequence of str, optional
        Of table one: 'sex' and names of facts; by default those that half of the patients have.
    by : str or mapping, optional
        A variable, or the group of each patient by key (the parts of a split).
    site : str, optional
        The fact that names the site; without it the site is unknown, and is said to be.
    age : str, optional
        The fact with the age; by default one whose name begins with 'age', if it is the only one.
    balance : sequence of str
        More variables to look at, such as 'race'.
    least : int
        Counts of patients below it are not told ('<5').
    note : str
        What else a reader should know; it stands at the top.

    Returns
    -------
    DataCard

    Raises
    ------
    NotFoundError
        There is no such variable.
    """
    persons = person_table(cohort)
    terms = licences(cohort)
    counts = _balance(cohort, persons, site, age, balance)
    varied = [
        diversity(name, {k: n for k, n in one.items() if k != UNKNOWN}, one.get(UNKNOWN, 0))
        for name, one in counts.items()
    ]
    document = {
        "oncograph": "data card",
        "format": 1,
        "about": _about(cohort, note),
        "flow": _flow(cohort),
        "table_one": _rows(table_one(persons, variables, by, least)),
        "contents": _rows(_hide(contents(cohort), ["patients"], least)),
        "missing": _rows(_few(missingness(cohort, persons), least).reset_index(names="of")),
        "balance": {name: _least(one, least) for name, one in counts.items()},
        "diversity": {
            "index": round(diversity_index(varied), 3),
            "attributes": [
                {
                    "attribute": one.attribute, "kinds": one.kinds,
                    "effective": round(one.effective, 2),
                    "evenness": None if one.kinds < 2 else round(one.evenness, 3),
                    "unknown": round(one.unknown, 4),
                }
                for one in varied
            ],
        },
        "licences": _rows(_hide(terms, ["patients"], least)),
        "least": least,
        "software": _software(),
        "time": now(),
    }  # fmt: skip
    document["mind"] = _mind(document, terms, counts, len(cohort))
    return DataCard(document)


def _about(cohort: PatientSet, note: str) -> dict[str, Any]:
    attributes = cohort.rows("attributes", ["came_as", "synthetic"]).to_pandas()
    made_up = attributes.loc[attributes["synthetic"].fillna(False).astype(bool), "patient"]
    whole = getattr(cohort, "whole", cohort)  # of a part of a split
    kept = getattr(whole, "self_contained", None)
    frozen = kept is not None
    return {
        "name": cohort.name,
        "part_of": None if whole is cohort else whole.name,
        "address": str(Address("~", "cohort", whole.name)) if frozen else None,
        "frozen": frozen,
        "self_contained": kept,
        "store": cohort.store.id,
        "patients": len(cohort),
        "synthetic_patients": int(made_up.nunique()),
        "digest": cohort.digest,
        "question": getattr(cohort, "question", None),
        "note": note,
    }


def _flow(cohort: PatientSet) -> list[dict[str, Any]]:
    """Steps: a frozen cohort has kept them as plain values."""
    names = ("reason", "before", "left", "why")
    return [
        {name: one[name] if isinstance(one, Mapping) else getattr(one, name) for name in names}
        for one in getattr(cohort, "steps", [])
    ]


def _software() -> dict[str, str]:
    return {**{name: version(name) for name in _SOFTWARE}, "python": platform.python_version()}


def _balance(
    cohort: PatientSet,
    persons: PersonTable,
    site: str | None,
    age: str | None,
    more: Sequence[str],
) -> dict[str, Counts]:
    found = {"sex": _counts(persons.values["sex"])}
    ages = _ages(persons, age)
    found["age"] = {UNKNOWN: len(cohort)} if ages is None else ages
    found["site"] = {UNKNOWN: len(cohort)} if site is None else _of(persons, site)
    machines = scanners(cohort)
    by_scanner = {str(name): int(n) for name, n in machines.value_counts().items()}
    without = len(cohort) - machines.index.nunique()
    found["scanner"] = by_scanner | ({UNKNOWN: without} if without else {})
    return found | {name: _of(persons, name) for name in more}


def _of(persons: PersonTable, name: str) -> Counts:
    chosen = persons.pick([name])
    if name in chosen.numeric:
        raise NotFoundError(f"{name!r} is a quantity", expected="a variable with categories")
    return _counts(chosen.values[name])


def _counts(values: pd.Series) -> Counts:
    found = {str(k): int(n) for k, n in values.value_counts().items()}
    missing = int(values.isna().sum())
    return found | ({UNKNOWN: found.get(UNKNOWN, 0) + missing} if missing else {})


def _ages(persons: PersonTable, name: str | None) -> Counts | None:
    """Patients a decade of age; None where nobody says which fact is the age."""
    if name is None:
        begins = [one for one in persons.numeric if one.casefold().split("_")[0] == "age"]
        if len(begins) != 1:
            return None
        name = begins[0]
    values = persons.pick([name]).values[name]
    if persons.units.get(name) == "days":
        values = values / _DAYS
    low = values // _DECADE * _DECADE
    words = low.map(lambda year: f"{year:.0f} to {year + _DECADE - 1:.0f}", na_action="ignore")
    return dict(
        sorted(_counts(words).items(), key=lambda one: (one[0] == UNKNOWN, len(one[0]), one[0]))
    )


def _least(counts: Counts, least: int) -> dict[str, int | str]:
    order = sorted(counts.items(), key=lambda one: (one[0] == UNKNOWN, -one[1], one[0]))
    shown = order if len(order) <= _MOST_KINDS else order[:_MOST_KINDS]
    found: dict[str, int | str] = {name: _told(count, least) for name, count in shown}
    rest = order[len(shown) :]
    if rest:
        found[f"{len(rest)} more"] = _told(sum(count for _, count in rest), least)
    return found


def _told(count: int, least: int) -> int | str:
    return f"<{least}" if 0 < count < least else int(count)


def _few(frame: pd.DataFrame, least: int) -> pd.DataFrame:
    return frame.astype(object).map(lambda count: _told(int(count), least))


def _hide(frame: pd.DataFrame, columns: Sequence[str], least: int) -> pd.DataFrame:
    shown = frame.astype(object)
    for name in columns:
        shown[name] = [_told(int(count), least) for count in frame[name]]
    return shown


def _rows(frame: pd.DataFrame) -> dict[str, Any]:
    return {
        "columns": [str(name) for name in frame.columns],
        "rows": json.loads(frame.to_json(orient="values")),
    }


def _mind(
    document: Mapping[str, Any], terms: pd.DataFrame, counts: Mapping[str, Counts], total: int
) -> list[str]:
    """What a reader must not overlook, in sentences."""
    about, found = document["about"], []
    if not about["frozen"]:
        found.append("The cohort is not frozen: nothing keeps these versions of its patients.")
    if about["self_contained"] is False:
        found.append("Pixels lie in source files outside of the store, which may change or go.")
    if about["synthetic_patients"]:
        found.append(f"Made up (synthetic) are {about['synthetic_patients']} patients.")
    unknown = int(terms.loc[terms["terms"] == UNKNOWN, "patients"].sum())
    if unknown:
        found.append(f"Nothing says the licence of {unknown} patients.")
    restricted = terms[(terms["mind"] != "") & (terms["terms"] != UNKNOWN)]
    found += [f"{row.terms}: {row.mind}." for row in restricted.itertuples()]
    for name, one in counts.items():
        if total and one.get(UNKNOWN, 0) == total:
            found.append(f"The {name} of no patient is known.")
        elif total and len(one) == 1:
            found.append(f"All patients have the same {name}: {next(iter(one))}.")
    return found
