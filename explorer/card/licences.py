"""licences: under what terms a cohort's data may be used, as far as that is known."""

from __future__ import annotations

import re
from collections import defaultdict

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.licence import FACTS, Licence, licence
from explorer.patient_set import PatientSet

UNKNOWN = "unknown"

_NON_COMMERCIAL = re.compile(r"\bNC\b|non-?commercial", re.IGNORECASE)
_NO_DERIVATIVES = re.compile(r"\bND\b|no-?deriv", re.IGNORECASE)


def licences(cohort: PatientSet) -> pd.DataFrame:
    """Group patients by their licence.

    Parameters
    ----------
    cohort : PatientSet

    Returns
    -------
    pandas.DataFrame
        ``terms`` ('unknown' where nothing says them: a licence is never guessed), ``source``,
        ``said_by``, ``patients``, and ``mind`` (a restriction that the name of the terms itself
        states). Hostile texts.
    """
    known: dict[frozenset[str], Licence] = {}
    told = set(_of_facts(cohort))
    folders = _folders(cohort)
    rows = []
    for patient in cohort.patients():
        beside = folders.get(patient.key, frozenset())
        # patients whose files lie in the same folders have the same terms beside them
        found = None if patient.key in told else known.get(beside)
        if found is None:
            found = licence(patient)
            if patient.key not in told:
                known[beside] = found
        rows.append((found.terms or UNKNOWN, found.source or "", found.by))
    frame = pd.DataFrame(rows, columns=["terms", "source", "said_by"])
    frame = frame.value_counts(sort=True).reset_index()
    frame = frame.rename(columns={"count": "patients"})
    frame["mind"] = [_mind(terms) for terms in frame["terms"]]
    return frame


def _of_facts(cohort: PatientSet) -> list[str]:
    """Keys of patients whose facts may name a licence."""
    rows = cohort.rows("facts", ["name"])
    named = pc.is_in(pc.utf8_lower(rows["name"]), value_set=pa.array(FACTS))
    return list(pc.unique(rows["patient"].filter(named)).to_pylist())


def _folders(cohort: PatientSet) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for table, column in (("files", "uri"), ("facts", "source")):
        pairs = cohort.rows(table, [column]).group_by(["patient", column]).aggregate([])
        for key, uri in zip(pairs["patient"].to_pylist(), pairs[column].to_pylist(), strict=True):
            found[key].add((uri or "").partition("!")[0].rpartition("/")[0])
    return {key: frozenset(some) for key, some in found.items()}


def _mind(terms: str) -> str:
    if terms == UNKNOWN:
        return "ask who gave the data"
    parts = [
        *(["no commercial use"] if _NON_COMMERCIAL.search(terms) else []),
        *(["no derivatives"] if _NO_DERIVATIVES.search(terms) else []),
    ]
    return ", ".join(parts)
