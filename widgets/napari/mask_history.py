"""The versions of a segmentation, and the way back to one."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from explorer.patient import Patient

_HEAD = ("version", "time", "who", "note", "message", "voxels")


def mask_history(patient: Patient, item: str) -> pd.DataFrame:
    """Versions of a patient in which a segmentation changed, newest first.

    Parameters
    ----------
    patient : Patient
    item : str
        The segmentation's id.

    Returns
    -------
    pandas.DataFrame
        version, time, who and note (empty where no person edited it), message of the patient's
        history, voxels of each segment as text.
    """
    rows: list[dict[str, Any]] = []
    records = patient.store.records
    steps = sorted(records.history(patient.key), key=lambda step: step[0].version)
    said = None
    for head, message in steps:
        mine = [row for row in records.rows("items", head) if row["item"] == item]
        if not mine:
            said = None
            continue
        segments = [row for row in records.rows("segments", head) if row["item"] == item]
        voxels = [
            (row["name"], row["voxels"]) for row in sorted(segments, key=lambda r: r["position"])
        ]
        meta = mine[0]["meta"] or "{}"
        if (meta, voxels) == said:
            continue
        said = (meta, voxels)
        last = (json.loads(meta).get("edits") or [{}])[-1]
        rows.append(
            {
                "version": head.version,
                "time": pd.Timestamp(head.updated),
                "who": last.get("who", ""),
                "note": last.get("note", ""),
                "message": message,
                "voxels": ", ".join(f"{name} {count}" for name, count in voxels),
            }
        )
    return pd.DataFrame(rows[::-1], columns=list(_HEAD))
