"""synthetic_of: who of a set has something that was made up, and what."""

from __future__ import annotations

from collections import Counter, defaultdict

import pyarrow.compute as pc

from explorer.layout import RECORDS
from explorer.patient_set import PatientSet

_CALLED = {"texts": "reports", "runs": "runs of programs"}


def synthetic_of(cohort: PatientSet) -> dict[str, dict[str, int]]:
    """Count what is flagged as synthetic, at the set's versions.

    The flag of an item or a row reaches the patient, the cohort and every part of a split: it is
    read from the rows themselves, so that it cannot get lost on the way.

    Parameters
    ----------
    cohort : PatientSet

    Returns
    -------
    dict
        Key to what is made up and how much of it ('the patient', 'items', 'facts', ...); nobody
        without.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for table, schema in RECORDS.items():
        if "synthetic" not in schema.names:
            continue
        rows = cohort.rows(table, ["synthetic"])
        made_up = rows.filter(pc.fill_null(rows["synthetic"], False))
        for key in made_up["patient"].to_pylist():
            what = "the patient" if table == "attributes" else _CALLED.get(table, table)
            found[key][what] += 1
    return {key: dict(count) for key, count in sorted(found.items())}
