"""A table of 11,081 patients by one command: seconds, memory, and every count against pandas.

Usage: python benchmarks/table_ingest.py DATA_FOLDER [--repeat N]

The command runs in a process of its own, as a person starts it; pandas reads the same file in
another. Both start cold (imports are part of it), one after the other, in the same run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import psutil

import explorer
from data import find

_PANDAS = "import sys, pandas; pandas.read_csv(sys.argv[1], sep='\\t', low_memory=False)"
_COMMAND = "from explorer.cli import main; main()"


def main() -> int:
    """Measure, compare, print; 1 where a count is not pandas' or a value leads nowhere."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public data sets (README)")
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    path = find(asked.data, "clinical_data.tsv.gz")
    if path is None:
        sys.stderr.write("clinical_data.tsv.gz is not there\n")
        return 2
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix="oncograph-bench-") as folder:
        for number in range(asked.repeat):
            place = Path(folder) / f"{number}.onco"
            theirs.append(_run(_PANDAS, str(path)))
            ours.append(_run(_COMMAND, "ingest", str(path), "--store", str(place), "--json"))
        mine = [statistics.median(one[k] for one in ours) for k in range(3)]
        other = [statistics.median(one[k] for one in theirs) for k in range(3)]
        faults = _compare(path, place)
    load = ", ".join(f"{value:.1f}" for value in psutil.getloadavg())
    sys.stdout.write(
        f"load {load}; median of {asked.repeat}; cold processes, imports included\n"
        f"{'':<34}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}\n"
        f"{'pandas.read_csv':<34}{other[0]:>9.2f}{other[1]:>9.2f}{other[2]:>9.0f}\n"
        f"{'oncograph ingest, one commit':<34}{mine[0]:>9.2f}{mine[1]:>9.2f}{mine[2]:>9.0f}\n"
        f"{'ratio':<34}{mine[0] / other[0]:>9.1f}{mine[1] / other[1]:>9.1f}"
        f"{mine[2] / other[2]:>9.1f}\n"
    )
    for fault in faults:
        sys.stdout.write(f"FAULT: {fault}\n")
    return 1 if faults else 0


def _run(code: str, *words: str) -> tuple[float, float, float]:
    """Seconds, seconds of CPU, and the most MB that the process and its children held."""
    began, used = time.perf_counter(), os.times()
    with subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.DEVNULL) as one:
        most = 0
        about = psutil.Process(one.pid)
        while one.poll() is None:
            most = max(most, _memory(about))
            time.sleep(0.02)
    if one.returncode:
        raise RuntimeError(f"{words[:1]} ended with {one.returncode}")
    now = os.times()
    spent = now.children_user + now.children_system - used.children_user - used.children_system
    return time.perf_counter() - began, spent, most / 1e6


def _memory(process: psutil.Process) -> int:
    try:
        family = [process, *process.children(recursive=True)]
        return sum(one.memory_info().rss for one in family)
    except psutil.Error:
        return 0


def _compare(path: Path, place: Path) -> list[str]:
    """What is not as pandas reads it."""
    store = explorer.open(place)
    # exact: by default pandas reads a number to within a last digit
    frame = pd.read_csv(path, sep="\t", low_memory=False, float_precision="round_trip")
    faults = []
    if len(store) != len(frame):
        faults.append(f"{len(store)} patients of {len(frame)}")
    facts = store.sql("select p.label, f.* from facts f join patients p using (patient)")
    if len(facts) != len(frame) * (len(frame.columns) - 1):
        faults.append(f"{len(facts)} facts, a cell each would be {frame.size - len(frame)}")
    for name in frame.columns.drop("submitter_id"):
        mine = facts[facts.name == name].set_index("label")
        present = mine[mine.state == "present"]
        if len(present) != frame[name].notna().sum():
            faults.append(f"{name}: {len(present)} values, pandas has {frame[name].notna().sum()}")
        # every value leads to its row of the file
        there = frame[name].iloc[present.row.to_numpy(int) - 1]
        whose = frame.submitter_id.iloc[present.row.to_numpy(int) - 1]
        if list(whose) != list(present.index):
            faults.append(f"{name}: rows of other patients")
        same = (
            (there.to_numpy(float) == present.number.to_numpy(float)).all()
            if pd.api.types.is_numeric_dtype(there)
            else list(there) == list(present.value)
        )
        if not same:
            faults.append(f"{name}: other values than in the rows that they name")
    if set(facts.sha256) != {hashlib.sha256(path.read_bytes()).hexdigest()}:
        faults.append("a sha256 that is not the file's")
    if set(facts.source) != {os.path.realpath(path)}:
        faults.append("a source that is not the file")
    commits = {head.version for head in store.records.heads() if head.patient != "~files"}
    counts = json.dumps({"patients": len(store), "facts": len(facts), "versions": sorted(commits)})
    sys.stdout.write(f"compared with pandas: {counts}, {len(faults)} differences\n")
    return faults


if __name__ == "__main__":
    sys.exit(main())
