"""missingness: of each variable and modality, how many have it, and why the rest do not."""

from __future__ import annotations

import pandas as pd
import pyarrow.compute as pc

from explorer.card.person_table import PersonTable
from explorer.patient_set import PatientSet


def missingness(cohort: PatientSet, persons: PersonTable) -> pd.DataFrame:
    """Count states.

    Parameters
    ----------
    cohort : PatientSet
    persons : PersonTable
        Of the same cohort.

    Returns
    -------
    pandas.DataFrame
        A row a variable or modality; columns 'present' and every state of absence that occurs,
        of patients. Each row sums up to the patients of the cohort. What most have comes first.
    """
    counts = {
        name: persons.states[name].value_counts().to_dict() for name in persons.states.columns
    }
    items = cohort.rows("items", ["kind", "modality", "state"]).to_pandas()
    items = items[items["kind"] == "image"]
    for modality, some in items.groupby("modality", sort=True):
        state = some["state"].fillna("present").str.partition(":")[0]
        has = set(some["patient"][state == "present"])
        told = state[~some["patient"].isin(has)].set_axis(
            some["patient"][~some["patient"].isin(has)]
        )
        why = told[~told.index.duplicated()].value_counts().to_dict()
        rest = len(cohort) - len(has) - sum(why.values())
        counts[f"image: {modality}"] = {"present": len(has), **why, "no record": rest}
    for table, what in (("texts", "report"), ("vectors", "vector")):
        some = cohort.rows(table, ["state"] if table == "vectors" else [])
        has = pc.count_distinct(some["patient"]).as_py()
        if has:
            counts[what] = {"present": has, "no record": len(cohort) - has}
    frame = pd.DataFrame.from_dict(counts, orient="index").fillna(0).astype(int)
    if "present" not in frame:
        frame["present"] = 0
    frame = frame.sort_values("present", ascending=False, kind="stable")
    order = sorted(frame.columns, key=lambda name: (name != "present", name))
    return frame[[name for name in order if frame[name].any() or name == "present"]]
