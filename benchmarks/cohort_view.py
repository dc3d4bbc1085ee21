"""Facet clicks on the clinical table of 11,081 TCGA patients, against plain pandas.

A click is what `CohortView` does in the kernel for it: the condition, the counts of every open
facet, the flow, the page of patients, and the keys of those who are chosen. Pandas computes the
counts and the flow alone, from a table with one row a patient that is in memory already.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

import explorer
from data import find
from explorer.facets import facets
from explorer.ingest import ingest
from widgets.cohort_view import CohortView

STAGES = [f"stage {one}" for one in ("i", "ii", "iia", "iii", "iiia", "iiib", "iv")]
OUTCOME = "overall survival (days)"


def main() -> int:
    """Measure, compare, print; 1 where a count is not pandas'."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public data sets (README)")
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    path = find(asked.data, "clinical_data.tsv.gz")
    if path is None:
        sys.stderr.write("clinical_data.tsv.gz is not there\n")
        return 2
    frame = pd.read_csv(path, sep="\t", low_memory=False)
    with tempfile.TemporaryDirectory(prefix="oncograph-bench-") as folder:
        store = explorer.open(Path(folder) / "tcga.onco", create=True)
        ingest(path, store)
        store = explorer.open(store.url)
        first = _seconds(lambda: facets(store))
        again = _seconds(lambda: facets(store))
        view = CohortView(store)
        ours, theirs, faults = _clicks(view, frame, asked.repeat)
        view.clear()
        view.survival(OUTCOME, by="patient: sex")
        curve = _seconds(lambda: view.survival(OUTCOME, by="patient: sex"))
    load = ", ".join(f"{value:.1f}" for value in psutil.getloadavg())
    mine, other = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
    sys.stdout.write(
        f"load {load}; {len(frame)} patients, {len(view.choice.facets)} facets, "
        f"{len(view._open)} open; {len(ours)} clicks\n"
        f"{'facets read, first':<46}{first * 1e3:>9.0f} ms\n"
        f"{'facets read, again':<46}{again * 1e3:>9.0f} ms\n"
        f"{'a click: counts, flow, list, keys (median)':<46}{mine:>9.1f} ms\n"
        f"{'  p95':<46}{np.quantile(ours, 0.95) * 1e3:>9.1f} ms\n"
        f"{'pandas: counts and flow alone (median)':<46}{other:>9.1f} ms\n"
        f"{'ratio':<46}{mine / other:>9.2f}\n"
        f"{'Kaplan-Meier of all by sex, drawn':<46}{curve * 1e3:>9.0f} ms\n"
    )
    for fault in faults:
        sys.stdout.write(f"FAULT: {fault}\n")
    return 1 if faults else 0


def _seconds(step: Callable[[], Any]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def _clicks(
    view: CohortView, frame: pd.DataFrame, repeat: int
) -> tuple[list[float], list[float], list[str]]:
    """Tick stages one after the other, then sexes, and take them off again; both in turn."""
    ours, theirs, faults = [], [], []
    columns = [name for name in frame.columns if name != "submitter_id"]
    for _ in range(repeat):
        view.clear()
        stages: list[str] = []
        for stage in STAGES:
            stages.append(stage)
            message = {"do": "value", "facet": "facts: tumor_stage", "label": stage, "state": False}
            ours.append(_seconds(lambda: view._on_message(view, message, [])))  # noqa: B023
            conditions = {"tumor_stage": frame.tumor_stage.isin(stages)}
            theirs.append(_seconds(lambda: _pandas(frame, columns, conditions)))  # noqa: B023
        message = {"do": "value", "facet": "facts: gender", "label": "female", "state": False}
        ours.append(_seconds(lambda: view._on_message(view, message, [])))  # noqa: B023
        conditions["gender"] = frame.gender.eq("female")
        theirs.append(_seconds(lambda: _pandas(frame, columns, conditions)))  # noqa: B023
        counts, flow = _pandas(frame, columns, conditions)
        if [step.left for step in view.steps] != flow:
            faults.append(f"flow {[step.left for step in view.steps]}, pandas {flow}")
        for name in ("tumor_stage", "gender", "race", "project_id"):
            mine = view.choice.counts(f"facts: {name}")
            values = {label: n for (label, state), n in mine.items() if not state and n}
            if values != counts[name]:
                faults.append(f"{name}: {values}, pandas {counts[name]}")
    return ours, theirs, faults


def _pandas(
    frame: pd.DataFrame, columns: list[str], conditions: dict[str, pd.Series]
) -> tuple[dict[str, dict[str, int]], list[int]]:
    """Counts of each column under the others' conditions, and how many are left at each step."""
    counts = {}
    for name in columns:
        held = pd.Series(True, index=frame.index)
        for other, fits in conditions.items():
            if other != name:
                held &= fits
        some = frame.loc[held, name]
        if frame[name].dtype == float and frame[name].nunique() > 12:
            found, _ = np.histogram(some.dropna(), bins=24)
            counts[name] = dict(enumerate(found.tolist()))
        else:
            counts[name] = {label: int(n) for label, n in some.value_counts().items() if n}
    left, flow = pd.Series(True, index=frame.index), []
    for fits in conditions.values():
        left &= fits
        flow.append(int(left.sum()))
    return counts, flow


if __name__ == "__main__":
    sys.exit(main())
