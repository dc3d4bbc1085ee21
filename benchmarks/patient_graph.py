"""The graph of 11,081 patients from the tables in one pass, against a loop over patients.

Usage: python benchmarks/patient_graph.py DATA_FOLDER [--patients N] [--repeat N]

The clinical table of 11,081 TCGA patients (the public data set of MultiSurv) is taken into a
temporary store by the command. Each measurement runs in a process of its own, one after the
other; the loop reads N patients, and its time for all is N's times 11,081 / N.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

import explorer
from data import find
from graphs.assemble import assemble
from graphs.draw_graph import draw_graph
from graphs.export_graph import export_graph
from graphs.load_graph import load_graph
from graphs.save_graph import save_graph

_COMMAND = "from explorer.cli import main; main()"
_SIMILAR = {"age_at_diagnosis": 365.0, "project_id": None}


def main() -> int:
    """Measure, compare, print; 1 where the two ways do not give the same graph."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public data sets (README)")
    parser.add_argument("--patients", type=int, default=100, help="of the loop")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--one", choices=list(_ONES), help=argparse.SUPPRESS)
    parser.add_argument("--store", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        _measure(asked.one, asked.store, asked.data, asked.patients)
        return 0
    path = find(asked.data, "clinical_data.tsv.gz")
    if path is None:
        sys.stderr.write("clinical_data.tsv.gz is not there\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="oncograph-bench-") as folder:
        place = str(Path(folder) / "tcga.onco")
        words = [sys.executable, "-c", _COMMAND, "ingest", str(path), "--store", place, "--json"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        found = {name: _median(name, place, path, asked) for name in _ONES}
    _table(found, asked)
    same = found["pass"]["some"] == found["loop"]["some"]
    whole = found["pass"]["nodes"] == found["pandas"]["nodes"]
    sys.stdout.write(
        f"\none pass and the loop give the same nodes and edges of {asked.patients} patients: "
        f"{same}\nas many nodes as pandas' cells and patients, and an outcome each: {whole}\n"
    )
    return 0 if same and whole else 1


def _median(name: str, place: str, path: Path, asked: argparse.Namespace) -> dict[str, Any]:
    words = [sys.executable, __file__, str(path), "--one", name, "--store", place]
    words += ["--patients", str(asked.patients)]
    runs = []
    for _ in range(1 if name == "loop" else asked.repeat):
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE)
        runs.append(json.loads(done.stdout))
    keys = ("seconds", "mb")
    return {**runs[-1], **{key: statistics.median(one[key] for one in runs) for key in keys}}


def _measure(name: str, place: str, path: Path, patients: int) -> None:
    store = explorer.open(place)
    before = _peak()
    prepared = _ONES[name](store, path, patients)
    began = time.perf_counter()
    found = prepared()
    taken = {"seconds": time.perf_counter() - began, "mb": _peak() - before, "base": before}
    sys.stdout.write(json.dumps({**taken, **_told(name, found, store, patients)}))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _some(store: explorer.Store, patients: int) -> list[str]:
    return sorted(store.keys_and_labels())[:patients]


def _told(name: str, found: Any, store: explorer.Store, patients: int) -> dict[str, Any]:
    if name not in ("pass", "loop", "pandas", "similar"):
        return {}
    graphs = found if isinstance(found, list) else [found]
    keys = set(_some(store, patients))
    some = [
        repr(one)
        for graph in graphs
        if name in ("pass", "loop")
        for one in (
            *((n, sorted(a.items())) for n, a in graph.nodes(data=True) if a["patient"] in keys),
            *(
                (tail, head, key, sorted(a.items(), key=repr))
                for tail, head, key, a in graph.edges(keys=True, data=True)
                if graph.nodes[tail]["patient"] in keys
            ),
        )
    ]
    return {
        "nodes": sum(len(graph) for graph in graphs),
        "edges": sum(graph.number_of_edges() for graph in graphs),
        "some": [len(some), hash_of(sorted(some))],
    }


def hash_of(lines: list[str]) -> str:
    """A digest of lines."""
    import hashlib

    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _pass(store: explorer.Store, path: Path, patients: int) -> Callable[[], Any]:
    return lambda: assemble(store)


def _loop(store: explorer.Store, path: Path, patients: int) -> Callable[[], Any]:
    keys = _some(store, patients)
    return lambda: [assemble(store[key]) for key in keys]


def _pandas(store: explorer.Store, path: Path, patients: int) -> Callable[[], Any]:
    """A plain graph of the file: a node a cell, without provenance, states and days."""

    def step() -> Any:
        import networkx as nx
        import pandas as pd

        frame = pd.read_csv(path, sep="\t", low_memory=False)
        graph = nx.MultiDiGraph()
        names = [name for name in frame.columns if name != "submitter_id"]
        for row in frame.to_dict("records"):
            patient = row["submitter_id"]
            graph.add_node(patient, kind="patient", patient=patient)
            for name in [*names, "overall survival", "outcome"]:
                node = (patient, name)
                graph.add_node(node, kind="fact", patient=patient, value=row.get(name))
                graph.add_edge(patient, node, kind="has")
        return graph

    return step


def _similar(store: explorer.Store, path: Path, patients: int) -> Callable[[], Any]:
    return lambda: assemble(store, similar_by=_SIMILAR, kinds=[])


def _known(store: explorer.Store, path: Path, patients: int) -> Callable[[], Any]:
    return lambda: assemble(store, known_on=365)


def _saved(store: explorer.Store, path: Path, patients: int) -> Callable[[], Any]:
    graph = assemble(store)

    def step() -> Any:
        with tempfile.TemporaryDirectory() as folder:
            save_graph(graph, Path(folder) / "graph.json")
            return load_graph(Path(folder) / "graph.json")

    return step


def _parquet(store: explorer.Store, path: Path, patients: int) -> Callable[[], Any]:
    graph = assemble(store)

    def step() -> Any:
        with tempfile.TemporaryDirectory() as folder:
            return [one.stat().st_size for one in export_graph(graph, Path(folder) / "g.parquet")]

    return step


def _drawn(store: explorer.Store, path: Path, patients: int) -> Callable[[], Any]:
    graph = assemble(store[_some(store, 1)[0]])
    return lambda: draw_graph(graph).savefig(tempfile.TemporaryFile(), format="png")


_ONES: dict[str, Callable[[explorer.Store, Path, int], Callable[[], Any]]] = {
    "pass": _pass, "loop": _loop, "pandas": _pandas, "known": _known, "similar": _similar,
    "saved": _saved, "parquet": _parquet, "drawn": _drawn,
}  # fmt: skip


def _table(found: dict[str, dict[str, Any]], asked: argparse.Namespace) -> None:
    one, loop, plain = found["pass"], found["loop"], found["pandas"]
    everybody = 11_081
    all_of_loop = loop["seconds"] * everybody / asked.patients
    load = ", ".join(f"{value:.1f}" for value in psutil.getloadavg())
    sys.stdout.write(
        f"load {load}; median of {asked.repeat}; real data, {everybody:,} patients, "
        f"{one['nodes']:,} nodes, {one['edges']:,} edges; MB above the process before\n"
        f"{'':<58}{'seconds':>10}{'MB':>8}\n"
    )
    lines = [
        ("one pass over the tables", one["seconds"], one["mb"]),
        (f"a loop over patients, from {asked.patients} of them", all_of_loop, loop["mb"]),
        ("pandas and networkx, no provenance, days or states", plain["seconds"], plain["mb"]),
        ("one pass, as known on day 365", found["known"]["seconds"], found["known"]["mb"]),
        (f"similar patients only, {found['similar']['edges']:,} edges",
         found["similar"]["seconds"], found["similar"]["mb"]),
        ("save and load", found["saved"]["seconds"], found["saved"]["mb"]),
        ("Parquet", found["parquet"]["seconds"], found["parquet"]["mb"]),
        ("draw one patient", found["drawn"]["seconds"], found["drawn"]["mb"]),
    ]  # fmt: skip
    for what, seconds, mb in lines:
        sys.stdout.write(f"{what:<58}{seconds:>10.2f}{mb:>8.0f}\n")
    sys.stdout.write(
        f"the loop takes {all_of_loop / one['seconds']:.0f} times as long; "
        f"a pass takes {one['seconds'] / plain['seconds']:.1f} times as long as pandas' plain "
        f"graph, in {one['mb'] / plain['mb']:.1f} times the memory\n"
    )


if __name__ == "__main__":
    sys.exit(main())
