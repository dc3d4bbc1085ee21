"""The check 'predicted': what a model made of test patients, and whether it had seen them."""

from __future__ import annotations

import json
from typing import Any

from explorer.patient_set import PatientSet
from explorer.split.leak import Checked, Leak, LeakSettings, Sides

NAME = "predicted"
_BY_PROGRAM = ("AUTOMATIC", "SEMIAUTOMATIC")
_UNKNOWN = "whether the model was trained on this patient is not known"


def predicted(cohort: PatientSet, settings: LeakSettings) -> Checked:
    """Find masks, vectors and runs of trained models among what could be a feature or a label.

    A run (or a vector's producer) that names its training patients (``trained_on``: a list of
    keys in its settings or its detail) leaks where a test patient is among them, and is in order
    where he is not. Of all others nobody knows: 'cannot tell'. Rules without a checkpoint have
    seen no patient.

    Parameters
    ----------
    cohort : PatientSet
    settings : LeakSettings

    Returns
    -------
    Checked
    """
    sides = Sides(cohort)
    segments = cohort.rows("segments", ["item", "algorithm_type", "algorithm_name"]).to_pylist()
    vectors = cohort.rows("vectors", ["name", "producer", "origin"]).to_pylist()
    columns = ["run", "current", "kind", "producer", "version", "checkpoint", "settings", "detail"]
    runs = [row for row in cohort.rows("runs", columns).to_pylist() if row["current"]]
    found = Checked(NAME, "masks, vectors and runs", len(segments) + len(vectors) + len(runs))
    masks: dict[tuple[str, str], str] = {}
    for row in segments:
        if (row["algorithm_type"] or "").upper() in _BY_PROGRAM:
            masks[row["patient"], row["item"]] = row["algorithm_name"] or "a program"
    for (key, item), name in sorted(masks.items()):
        said = f"a mask by {name}: {_UNKNOWN}"
        side = sides.of(key, "segmentations", item)
        found.leaks.append(Leak(NAME, "cannot tell", side, None, said))
    said_by = {row["run"] for row in runs}
    for row in vectors:
        if row["producer"] and row["origin"] not in said_by:  # else the run says it, once
            said = f"the vector {row['name']!r} by {row['producer']}: {_UNKNOWN}"
            side = sides.of(row["patient"], "vectors", row["name"])
            found.leaks.append(Leak(NAME, "cannot tell", side, None, said))
    for row in runs:
        leak = _run(row, sides)
        if leak is not None:
            found.leaks.append(leak)
    return found


def _run(row: dict[str, Any], sides: Sides) -> Leak | None:
    if not row["checkpoint"]:
        return None
    key, who = row["patient"], f"{row['producer']} {row['version']}"
    side = sides.of(key, "runs", row["run"])
    known = [json.loads(row[name] or "{}") for name in ("settings", "detail")]
    named = [one["trained_on"] for one in known if isinstance(one, dict) and "trained_on" in one]
    if not named:
        return Leak(NAME, "cannot tell", side, None, f"{row['kind']} by {who}: {_UNKNOWN}")
    if any(isinstance(some, list) and key in some for some in named):
        said = f"{row['kind']} by {who}, which was trained on this patient"
        return Leak(NAME, "leak", side, None, said)
    return None
