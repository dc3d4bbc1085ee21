"""of_graph: a patient graph as columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

from graphs.errors import ExamplesError
from graphs.hetero.addresses import Addresses
from graphs.hetero.hetero_tables import EdgeType, HeteroTables, NodeTable, unique_edges
from graphs.hetero.kind_features import STATE_CODES, STATED, numbers_of, words_of
from graphs.hetero.wanted import Wanted
from graphs.node_kinds import NODE_KINDS
from graphs.patient_graph import PatientGraph

About = Mapping[str, Any]


def of_graph(graph: PatientGraph, wanted: Wanted) -> HeteroTables:
    """Read the nodes and edges of a graph into columns.

    Parameters
    ----------
    graph : PatientGraph
    wanted : Wanted
        Nodes that are not wanted are left out with their edges.

    Returns
    -------
    HeteroTables
    """
    keys = sorted(graph.graph.get("patients") or {})
    owner = {key: place for place, key in enumerate(keys)}
    runs = graph.graph.get("runs") or {}
    predicted = {name for name, about in runs.items() if about.get("predicted")}
    of_kind: dict[str, list[str]] = defaultdict(list)
    for node, about in graph.nodes(data=True):
        if about["patient"] not in owner:
            raise ExamplesError(f"A node of {about['patient']!r}, who is not in the graph")
        if wanted.node(about, predicted):
            of_kind[about["kind"]].append(node)
    of_kind["patient"].sort(key=lambda node: owner[graph.nodes[node]["patient"]])
    place = {node: k for nodes in of_kind.values() for k, node in enumerate(nodes)}
    order = [kind for kind in NODE_KINDS if kind in of_kind]
    order += sorted(set(of_kind) - set(order))
    nodes = {
        kind: _table(kind, of_kind[kind], [graph.nodes[one] for one in of_kind[kind]], owner)
        for kind in order
    }
    edges, weights = _edges(graph, place)
    return HeteroTables(pa.array(keys, pa.string()), nodes, edges, weights, dict(graph.graph))


def _table(
    kind: str, addresses: list[str], about: list[About], owner: Mapping[str, int]
) -> NodeTable:
    days = [one.get("day") for one in about]
    states = [one.get("state") if kind in STATED else None for one in about]
    words = {
        name: pa.array([_word(one, name, at) for one, at in zip(about, addresses, strict=True)],
                       pa.string()).dictionary_encode()
        for name in words_of(kind)
    }  # fmt: skip
    group = [f"{one.get('name') or ''} [{one.get('unit') or ''}]" for one in about]
    return NodeTable(
        kind, Addresses(addresses),
        np.array([owner[one["patient"]] for one in about], np.int64),
        np.array([0 if day is None else day for day in days], np.int64),
        np.array([day is not None for day in days], bool),
        np.array([STATE_CODES.get(state or "", 0) for state in states], np.int8),
        np.array([bool(one.get("synthetic")) for one in about], bool),
        {name: np.array([_number(one.get(name)) for one in about], np.float64)
         for name in numbers_of(kind)},
        words,
        pa.array(group, pa.string()).dictionary_encode() if "number" in numbers_of(kind) else None,
    )  # fmt: skip


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _word(about: About, name: str, address: str) -> str | None:
    if name == "structure":  # which of several names came first is no feature
        collection, _, item = address.partition("/")[2].partition("/")
        return unquote(item) if collection == "anatomy" else about.get("name")
    value = about.get(name)
    if value in (None, ""):
        return None
    if name == "value":  # what is a number is not a word as well
        return None if about.get("number") is not None else f"{about.get('name') or ''} = {value}"
    return str(value)


def _edges(
    graph: PatientGraph, place: Mapping[str, int]
) -> tuple[dict[EdgeType, Any], dict[EdgeType, Any]]:
    ends: dict[EdgeType, tuple[list[int], list[int], list[float]]] = {}
    for tail, head, about in graph.edges(data=True):
        if tail not in place or head not in place:
            continue
        kinds = graph.nodes[tail]["kind"], str(about["kind"]), graph.nodes[head]["kind"]
        tails, heads, far = ends.setdefault(kinds, ([], [], []))
        tails.append(place[tail])
        heads.append(place[head])
        far.append(about.get("distance", float("nan")))
    edges, weights = {}, {}
    for kinds, (tails, heads, far) in sorted(ends.items()):
        edges[kinds], first = unique_edges(np.array(tails, np.int64), np.array(heads, np.int64))
        if kinds[1] == "similar_to":
            weights[kinds] = np.array(far, np.float32)[first]
    return edges, weights
