"""predictions: what models have predicted of a patient, as the store keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from explorer.derived import derived
from explorer.patient import Patient
from explorer.shown_list import ShownList
from graphs.prediction import KIND, Prediction

HEAD = ("task", "predicted", "means", "interval", "probability", "model", "checkpoint", "newest")


def predictions(
    patient: Patient, *, task: str | None = None, every: bool = True
) -> ShownList[Prediction]:
    """The predictions of a patient that are in the store.

    Parameters
    ----------
    patient : Patient
    task : str, optional
        Of one task alone.
    every : bool
        Also those of earlier checkpoints, which stand beside the newest (``current``).

    Returns
    -------
    ShownList of Prediction
        By task, model and time, the newest first.
    """
    runs = [run for run in derived(patient, "runs", every=every) if run["kind"] == KIND]
    nodes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if runs:
        for row in derived(patient, "nodes", every=every):
            nodes[row["run"]].append(row)
    runs.sort(key=lambda run: run["time"], reverse=True)
    found = [Prediction.of_rows(run, nodes[run["run"]]) for run in runs if nodes[run["run"]]]
    found = [one for one in found if task is None or one.task == task]
    found.sort(key=lambda one: (one.task, one.provenance.model))
    return shown(found)


def shown(found: Iterable[Prediction]) -> ShownList[Prediction]:
    """Predictions as a list with a table."""
    return ShownList(found, HEAD, _cells, "predictions, none of them measured")


def _cells(one: Prediction) -> list[Any]:
    unit = f" {one.unit}" if one.unit else ""
    between = one.interval if one.lower is None else f"{one.lower:.3g} to {one.upper:.3g}"
    chance = None if one.probability is None else (
        f"{100 * one.probability:.1f} % ({one.probability_of})"
    )  # fmt: skip
    made = one.provenance
    return [
        one.task, f"{one.value:+.3g}{unit}", one.what, between, chance,
        f"{made.model} {made.version}", made.checkpoint[:12], "yes" if one.current else "no",
    ]  # fmt: skip
