"""The patient graph, and its batches, without oncograph's graphs: the peers of hetero.py.

Each row is added to a networkx graph as a node with an edge, by a plain loop; another loop goes
over that graph and makes lists, and the lists become tensors. It does for its facts, events and
images what `to_hetero` does, and no more: no index date, no runs, no joined patients.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import networkx as nx
import numpy as np
import torch
from torch_geometric.data import HeteroData

from explorer.store import Store
from graphs.assembly.event_kind import event_kind
from graphs.hetero.kind_features import STATE_CODES, numbers_of, words_of

_UNSEEN = (float("nan"), float("nan"))
_quoted = lru_cache(maxsize=None)(lambda text: quote(text, safe="~"))


def hetero_loop(store: Store) -> HeteroData:
    """The tensors of a store's facts, events and images, by way of a networkx graph."""
    return _tensors(_graph(store))


def neighbours_loop(data: HeteroData, seeds: list[int], fan_out: list[int]) -> dict[str, float]:
    """The same batches, an edge at a time; the lists of neighbours are made before.

    Seeds a second with the nodes' tensors gathered, and without; seconds of making the lists.
    """
    began = time.process_time()
    into: dict[Any, dict[int, list[int]]] = {one: defaultdict(list) for one in data.edge_types}
    for one in data.edge_types:
        for tail, head in data[one].edge_index.T.tolist():
            into[one][head].append(tail)
    lists = time.process_time() - began
    draw = random.Random(0)
    began, gathered = time.process_time(), 0.0
    for batch in range(0, len(seeds), 512):
        front: dict[str, list[int]] = {"patient": seeds[batch : batch + 512]}
        seen: dict[str, dict[int, int]] = {kind: {} for kind in data.node_types}
        seen["patient"] = {node: place for place, node in enumerate(front["patient"])}
        drawn: dict[Any, list[tuple[int, int]]] = {one: [] for one in data.edge_types}
        for most in fan_out:
            fresh: dict[str, list[int]] = defaultdict(list)
            for one in data.edge_types:
                for head in front.get(one[2], ()):
                    there = into[one].get(head, ())
                    some = there if len(there) <= most else draw.sample(there, most)
                    for tail in some:
                        place = seen[one[0]].get(tail)
                        if place is None:
                            place = seen[one[0]][tail] = len(seen[one[0]])
                            fresh[one[0]].append(tail)
                        drawn[one].append((place, seen[one[2]][head]))
            front = fresh
        drew = time.process_time()
        for kind, found in seen.items():
            rows = torch.tensor(list(found), dtype=torch.long)
            for value in data[kind].values():
                if isinstance(value, torch.Tensor):
                    value[rows]
        for pairs in drawn.values():
            torch.tensor(pairs, dtype=torch.long)
        gathered += time.process_time() - drew
    spent = time.process_time() - began
    return {"loop seeds/s": len(seeds) / spent, "loop lists": lists,
            "loop drawn/s": len(seeds) / (spent - gathered)}  # fmt: skip


def _rows(store: Store, table: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    found = store.records.visible(table, ["patient", *columns])
    for batch in found.to_batches(max_chunksize=65_536):
        yield from batch.to_pylist()


def _graph(store: Store) -> nx.MultiDiGraph:
    graph: Any = nx.MultiDiGraph()
    names: Counter[str] = Counter()

    def say(row: dict[str, Any], collection: str, item: str, kind: str) -> None:
        key = row["patient"]
        address = f"onco:{key}/{collection}/{_quoted(item)}"
        names[address] += 1
        if names[address] > 1:
            address += f"#row={names[address]}"
        graph.add_node(address, **row, kind=kind)
        graph.add_edge(f"onco:{key}/patients/{key}", address, kind="has")

    for row in _rows(store, "attributes", ["sex", "synthetic"]):
        graph.add_node(f"onco:{row['patient']}/patients/{row['patient']}", **row, kind="patient")
    for row in _rows(store, "items", ["item", "modality", "body_part", "laterality", "study_uid",
                                      "day", "synthetic"]):  # fmt: skip
        key = row["patient"]
        study = f"onco:{key}/studies/{row['study_uid']}"
        if study not in graph:
            graph.add_node(study, kind="study", patient=key, day=row["day"], synthetic=True)
            graph.add_edge(f"onco:{key}/patients/{key}", study, kind="has")
        image = f"onco:{key}/images/{_quoted(row['item'])}"
        graph.add_node(image, **row, kind="image")
        graph.add_edge(study, image, kind="contains")
    of_fact = ["name", "value", "number", "unit", "code", "state", "day", "synthetic"]
    for row in _rows(store, "facts", of_fact):
        say(row, "facts", row["name"], "fact")
    for row in _rows(store, "events", [*of_fact, "kind"]):
        own = row.pop("kind")
        say(row, "events", f"{own}:{row['name']}", event_kind(own))
    return graph


def _tensors(graph: nx.MultiDiGraph) -> HeteroData:
    data = HeteroData()
    of_kind: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    place: dict[str, int] = {}
    for node, about in graph.nodes(data=True):
        some = of_kind[about["kind"]]
        place[node] = len(some)
        some.append((node, about))
    owner = {about["patient"]: at for at, (_, about) in enumerate(of_kind["patient"])}
    for kind, some in of_kind.items():
        _nodes(data[kind], kind, some, owner)
    ends: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
    for tail, head, about in graph.edges(data=True):
        kinds = graph.nodes[tail]["kind"], about["kind"], graph.nodes[head]["kind"]
        ends[kinds].append((place[tail], place[head]))
    for (one, relation, two), pairs in ends.items():
        edges = torch.tensor(pairs).T.contiguous()
        data[one, relation, two].edge_index = edges
        data[two, f"rev_{relation}", one].edge_index = edges.flip(0).contiguous()
    return data


def _nodes(store: Any, kind: str, some: list[tuple[str, Any]], owner: dict[str, int]) -> None:
    numbers, words = numbers_of(kind), words_of(kind)
    told: dict[Any, list[float]] = defaultdict(list)
    for _, about in some:
        for name in (*numbers, "day"):
            if about.get(name) is not None:
                told[_group(name, about)].append(about[name])
    spread = {one: (np.mean(found), np.std(found)) for one, found in told.items()}
    codes: dict[str, dict[str, int]] = {name: {} for name in words}
    x, mask, category = [], [], []
    for _, about in some:
        row, known = [], []
        for name in (*numbers, "day"):
            value = about.get(name)
            mean, sd = spread.get(_group(name, about), _UNSEEN)
            known.append(value is not None)
            row.append(0.0 if value is None else min(max((value - mean) / (sd or 1), -5.0), 5.0))
        x.append(row)
        mask.append(known)
        category.append([_code(codes[name], name, about) for name in words])
    store.x, store.x_mask = torch.tensor(x), torch.tensor(mask)
    store.category = torch.tensor(category, dtype=torch.long)
    days = [about.get("day") for _, about in some]
    store.day = torch.tensor([0 if day is None else day for day in days])
    store.day_known = torch.tensor([day is not None for day in days])
    store.state = torch.tensor([STATE_CODES.get(about.get("state") or "", 0) for _, about in some])
    store.patient = torch.tensor([owner[about["patient"]] for _, about in some])
    store.synthetic = torch.tensor([bool(about["synthetic"]) for _, about in some])
    store.address = [node for node, _ in some]
    store.num_nodes = len(some)


def _group(name: str, about: dict[str, Any]) -> Any:
    return name if name == "day" else (name, about.get("name"), about.get("unit"))


def _code(codes: dict[str, int], name: str, about: dict[str, Any]) -> int:
    value = about.get(name)
    if value is None or (name == "value" and about.get("number") is not None):
        return 1
    if name == "value":
        value = f"{about['name']} = {value}"
    return codes.setdefault(value, len(codes) + 2)
