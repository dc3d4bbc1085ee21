"""The patient graph as tensors: columns against a networkx loop; drawing neighbours.

Usage: python benchmarks/hetero.py FOLDER [--patients N] [--loop N] [--facts N]

A store of synthetic patients (flagged) is written to FOLDER as Arrow rows, as ingest writes them:
facts, events and images of N patients. `to_hetero` reads all of it; the peers read a store of
--loop patients, made alike: `hetero_loop`, which adds each row to a networkx graph and goes over
that again, and our own `assemble` with a loop over its graph. Each runs in a process of its own,
whose modules are imported before the clock starts. Neighbours are drawn for 20,000 seeds, and by a
plain Python loop for 500, whose lists of neighbours are made before its clock starts.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa

import explorer
from explorer.layout import RECORDS

_FAN_OUT = [10, 5]


def main() -> int:
    """Make the stores, measure each way apart, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--loop", type=int, default=20_000)
    parser.add_argument("--facts", type=int, default=30)
    parser.add_argument("--one", choices=list(_ONES), help=argparse.SUPPRESS)
    parser.add_argument("--store", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        _measure(asked.one, asked.store)
        return 0
    asked.folder.mkdir(parents=True, exist_ok=True)
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for size in sorted({asked.loop, asked.patients}):
        place = asked.folder / f"{size}.onco"
        if not place.exists():
            make(place, size, asked.facts)
        for name in _ONES:
            only = {"plain": asked.loop, "loop": asked.loop, "draw": asked.patients}
            if only.get(name, size) != size:
                continue
            words = [sys.executable, __file__, str(asked.folder), "--one", name]
            done = subprocess.run(
                [*words, "--store", str(place)], check=True, stdout=subprocess.PIPE
            )
            found[name, size] = json.loads(done.stdout)
    _table(found, asked)
    same = all(
        found["columns", asked.loop]["counts"] == found[name, asked.loop]["counts"]
        for name in ("plain", "loop")
    )
    sys.stdout.write(f"\nas many nodes and edges of each kind by each way: {same}\n")
    return 0 if same else 1


def make(place: Path, size: int, facts: int) -> None:
    """A store of synthetic patients, written a table at a time."""
    store = explorer.open(place, create=True)
    rng = np.random.default_rng(0)
    keys = [f"{n:026d}" for n in range(size)]
    commit = [f"c{n:024d}" for n in range(size)]
    heads = {"patient": keys, "version": [1] * size, "commit": commit,
             "snapshot": [""] * size, "updated": ["2020-01-01T00:00:00+00:00"] * size}  # fmt: skip
    at = ("attributes", "facts", "events", "items")
    for table in at:
        heads[f"at_{table}"] = commit
    _write(store, "attributes", size, keys, commit, {
        "label": pa.array([f"P{n:06d}" for n in range(size)]), "synthetic": True,
        "sex": _some(rng, ["F", "M"], size),
    })  # fmt: skip
    many = size * facts
    names = np.tile(np.arange(facts), size)
    numeric = names % 2 == 0
    known = rng.random(many) > 0.2
    _write(store, "facts", many, keys, commit, {
        "name": _named("fact", names), "synthetic": True,
        "number": pa.array(rng.normal(size=many), mask=~(numeric & known)),
        "value": pa.array(np.char.add("v", rng.integers(0, 9, many).astype(str)), mask=~known),
        "unit": _named("unit", names), "state": _said(known),
        "day": pa.array(rng.integers(-400, 2000, many), mask=rng.random(many) < 0.1),
    })  # fmt: skip
    events = size * 5
    _write(store, "events", events, keys, commit, {
        "kind": _some(rng, ["treatment", "biopsy", "visit"], events), "synthetic": True,
        "name": _some(rng, ["a", "b", "c", "d"], events), "state": _said(np.ones(events, bool)),
        "day": pa.array(rng.integers(0, 2000, events)), "origin": _some(rng, ["t"], events),
    })  # fmt: skip
    items = size * 3
    _write(store, "items", items, keys, commit, {
        "item": _named("ct", np.tile(np.arange(3), size)), "kind": _some(rng, ["image"], items),
        "modality": _some(rng, ["CT", "MR"], items), "synthetic": True,
        "study_uid": pa.array([f"1.2.{n // 3}.{n % 3 // 2}" for n in range(items)]),
        "day": pa.array(rng.integers(0, 2000, items)),
    })  # fmt: skip
    schema = explorer.layout.HEADS
    table = pa.table({
        name: pa.array(heads[name]) if name in heads else pa.nulls(size, schema.field(name).type)
        for name in schema.names
    })  # fmt: skip
    store.records.append("patients", table.cast(schema))


def _write(
    store: Any, table: str, count: int, keys: list[str], commit: list[str], given: dict[str, Any]
) -> None:
    each = count // len(keys)
    owner = pa.array(np.repeat(np.arange(len(keys)), each))
    columns = {"patient": pa.array(keys).take(owner), "commit": pa.array(commit).take(owner)}
    for name, one in given.items():
        columns[name] = pa.array(np.full(count, one)) if isinstance(one, bool) else one
    schema = RECORDS[table]
    made = pa.table({
        name: columns.get(name, pa.nulls(count, schema.field(name).type)) for name in schema.names
    })  # fmt: skip
    store.records.append(table, made.cast(schema))


def _some(rng: np.random.Generator, texts: list[str], count: int) -> pa.Array:
    return pa.array(texts).take(pa.array(rng.integers(0, len(texts), count)))


def _named(text: str, numbers: np.ndarray) -> pa.Array:
    names = pa.array([f"{text} {n}" for n in range(int(numbers.max()) + 1)])
    return names.take(pa.array(numbers))


def _said(known: np.ndarray) -> pa.Array:
    return pa.array(["unknown", "present"]).take(pa.array(known.astype(int)))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _measure(name: str, place: str) -> None:
    import graphs
    import graphs.hetero.hetero_data
    import graphs.hetero.of_graph
    import graphs.hetero.of_tables

    store = explorer.open(place)
    _ = graphs.assemble, graphs.to_hetero
    before = _peak()
    found = _ONES[name](store)
    sys.stdout.write(json.dumps(found | {"mb": _peak() - found.pop("before", before)}))


def _counts(data: Any) -> dict[str, int]:
    nodes = {kind: data[kind].num_nodes for kind in data.node_types}
    return nodes | {str(one): data[one].edge_index.shape[1] for one in data.edge_types}


def _columns(store: Any) -> dict[str, Any]:
    from graphs.to_hetero import to_hetero

    began = time.process_time()
    data = to_hetero(store)
    return {"seconds": time.process_time() - began, "counts": _counts(data)}


def _plain(store: Any) -> dict[str, Any]:
    from hetero_loop import hetero_loop

    before, began = _peak(), time.process_time()
    data = hetero_loop(store)
    return {"seconds": time.process_time() - began, "counts": _counts(data), "before": before}


def _loop(store: Any) -> dict[str, Any]:
    from graphs.assemble import assemble
    from graphs.to_hetero import to_hetero

    began = time.process_time()
    graph = assemble(store)
    middle = time.process_time()
    data = to_hetero(graph)
    return {"seconds": time.process_time() - began, "assemble": middle - began,
            "counts": _counts(data)}  # fmt: skip


def _draw(store: Any) -> dict[str, Any]:
    from graphs.hetero.neighbour_loader import neighbour_loader
    from graphs.hetero.neighbour_sampler import NeighbourSampler
    from graphs.to_hetero import to_hetero
    from hetero_loop import neighbours_loop

    data = to_hetero(store)
    count = data["patient"].num_nodes
    near = np.random.default_rng(0).integers(0, count, (2, 10 * count))
    import torch

    data["patient", "near", "patient"].edge_index = torch.from_numpy(near)
    began = time.process_time()
    NeighbourSampler(data, _FAN_OUT)
    built = time.process_time() - began
    seeds = np.random.default_rng(1).permutation(count)[:20_000]
    loader = neighbour_loader(data, _FAN_OUT, 512, seeds, pyg=False)
    began = time.process_time()
    nodes = sum(sum(batch[kind].num_nodes for kind in batch.node_types) for batch in loader)
    rate = len(seeds) / (time.process_time() - began)
    slow = neighbours_loop(data, seeds[:500].tolist(), _FAN_OUT)
    sampler, rng = NeighbourSampler(data, _FAN_OUT), np.random.default_rng(2)
    began = time.process_time()
    for batch in range(0, len(seeds), 512):
        sampler.nodes_and_edges("patient", seeds[batch : batch + 512], rng)
    drawn = len(seeds) / (time.process_time() - began)
    return {"seconds": built, "seeds/s": rate, "nodes a seed":
            nodes / len(seeds), "drawn/s": drawn, **slow,
            "counts": {}}  # fmt: skip


_ONES = {"columns": _columns, "plain": _plain, "loop": _loop, "draw": _draw}


def _table(found: dict[tuple[str, int], dict[str, Any]], asked: argparse.Namespace) -> None:
    load = psutil.getloadavg()[0]
    sys.stdout.write(f"load {load:.1f}; CPU seconds; MB above the process before\n")
    sys.stdout.write(f"{'':<52}{'seconds':>10}{'MB':>9}\n")
    said = {"columns": "to_hetero from the tables", "loop": "assemble and a loop over its graph",
            "plain": "a loop into networkx and one over it",
            "draw": "index of the edges"}  # fmt: skip
    for (name, size), one in found.items():
        line = f"{said[name]}, {size:,} patients"
        sys.stdout.write(f"{line:<52}{one['seconds']:>10.2f}{one['mb']:>9.0f}\n")
    small, whole = found["columns", asked.loop], found["columns", asked.patients]
    grown = asked.patients / asked.loop
    sys.stdout.write(f"of the last, assemble alone: {found['loop', asked.loop]['assemble']:.2f} s\n"
                     f"{sum(whole['counts'].values()):,} nodes and edges\n")  # fmt: skip
    for name in ("plain", "loop"):
        one = found[name, asked.loop]
        sys.stdout.write(
            f"{said[name]}: at {asked.loop:,} {one['seconds'] / small['seconds']:.1f} times as "
            f"long, {one['mb'] / small['mb']:.1f} times the memory; at {asked.patients:,}, growing "
            f"with the patients, {one['seconds'] * grown / whole['seconds']:.1f} and "
            f"{one['mb'] * grown / whole['mb']:.1f} times\n"
        )
    draw = found["draw", asked.patients]
    sys.stdout.write(
        f"neighbours {_FAN_OUT}: {draw['seeds/s']:,.0f} seeds/s, Python loop "
        f"{draw['loop seeds/s']:,.0f}: {draw['seeds/s'] / draw['loop seeds/s']:.1f} times; "
        f"{draw['nodes a seed']:.0f} nodes a seed; drawing alone {draw['drawn/s']:,.0f} against "
        f"{draw['loop drawn/s']:,.0f}: {draw['drawn/s'] / draw['loop drawn/s']:.1f} times\n"
        f"lists of the loop {draw['loop lists']:.1f} s, our index {draw['seconds']:.2f} s; with "
        f"them 20,000 seeds take {_epoch(draw, 'loop ', 'loop lists'):.1f} s against "
        f"{_epoch(draw, '', 'seconds'):.2f} s\n"
    )


def _epoch(draw: dict[str, float], whose: str, before: str) -> float:
    return draw[before] + 20_000 / draw[f"{whose}seeds/s"]


if __name__ == "__main__":
    sys.exit(main())
