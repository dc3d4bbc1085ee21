"""Nodes of what a model predicted: never a measurement, and tied to what it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from graphs.assembly.builder import Builder
from graphs.assembly.items import patient_address
from graphs.assembly.node_address import node_address
from graphs.assembly.tables import Tables
from graphs.prediction import KIND, PIECE

_NODE = (
    "patient", "run", "current", "node", "kind", "name", "target", "number", "unit", "detail",
    "synthetic",
)  # fmt: skip
Runs = Mapping[str, Mapping[str, Any]]


def add_predictions(builder: Builder, tables: Tables, runs: Runs) -> None:
    """A node a prediction, an edge to each node that its evidence stands at.

    Called when all else is there. A prediction has no day: with an index date it is left out, as
    nobody can tell what the model had seen by then.
    """
    made_by = {run for run, about in runs.items() if about["kind"] == KIND}
    if not builder.wants("prediction") or not made_by:
        return
    rows = [
        dict(zip(_NODE, cells, strict=True))
        for cells in tables.read("nodes", _NODE)
        if cells[2] and cells[1] in made_by
    ]
    for row in rows:
        if row["kind"] == KIND:
            _add(builder, row, runs[row["run"]])
    for row in rows:
        if row["kind"] == PIECE and row["target"]:
            said = json.loads(row["detail"])
            # what is not there by now, or was not asked for, is no problem of the graph
            head = builder.exact(row["patient"], row["target"])
            if head is not None:
                builder.edge(
                    node_address(row["patient"], "nodes", said["of"]), head, "rests_on",
                    row["run"], weight=row["number"], modality=row["name"],
                )  # fmt: skip


def _add(builder: Builder, row: dict[str, Any], run: Mapping[str, Any]) -> None:
    key = row["patient"]
    address = node_address(key, "nodes", row["node"])
    said = json.loads(row["detail"])
    about: dict[str, Any] = {
        "kind": KIND, "name": row["name"], "patient": key, "day": None, "predicted": True,
        "number": row["number"], "run": row["run"],
        "producer": f"{run['producer']} {run['version']}", "checkpoint": run["checkpoint"],
        **{name: said[name] for name in ("what", "lower", "upper", "interval", "probability",
                                         "probability_of") if said[name] not in (None, "")},
    }  # fmt: skip
    if row["unit"]:
        about["unit"] = row["unit"]
    if row["synthetic"]:
        about["synthetic"] = True
    if builder.timed(address, about, None, "predicted: it has no day"):
        builder.edge(patient_address(key), address, "predicted", row["run"])
