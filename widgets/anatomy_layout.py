"""Lay a patient graph out by anatomy: the tree of structures, and what hangs on each."""

from __future__ import annotations

from collections import defaultdict, deque
from urllib.parse import unquote

import numpy as np

from explorer.printable import printable
from graphs.anatomy import anatomy
from graphs.node_kinds import NODE_KINDS
from graphs.patient_graph import PatientGraph
from widgets.node_grid import NodeGrid, cell_size

_STEP = 26.0
_WORDS = 180.0  # room for a structure's name
_ACROSS = 5
# what everything hangs on, and so says nothing of a place
_NO_WAY = frozenset({"patient", "study", "image", "report", "anatomy"})
_MOST_HOPS = 4


def anatomy_layout(graph: PatientGraph) -> NodeGrid:
    """Place nodes beside the structure that they belong to.

    A node belongs to the structure that the fewest edges lead to, four at most, and not by way
    of a patient, a study, an image or a report. What belongs to none stands below, and says so.

    Parameters
    ----------
    graph : PatientGraph

    Returns
    -------
    NodeGrid
        In the order of the graph's nodes.
    """
    order = list(graph)
    index = {node: place for place, node in enumerate(order)}
    wide, high = cell_size(len(order))
    across = _ACROSS if wide > 100 else 40
    members, elsewhere = _members(graph)
    ways = {name: _way(name) for name in members}
    tree = sorted({way[: k + 1] for way in ways.values() for k in range(len(way))})
    depth = max((len(way) for way in tree), default=0)
    start = depth * _STEP + _WORDS
    xy = np.zeros((len(order), 2), np.float32)
    words, lines = [], []
    at: dict[tuple[str, ...], float] = {}
    y = 0.0
    for way in tree:
        at[way] = y + high / 2
        words.append((_shown(way[-1]), (len(way) - 1) * _STEP, at[way]))
        if len(way) > 1:
            x = (len(way) - 2) * _STEP + 8
            lines += [
                (x, at[way[:-1]] + 9, x, at[way]),
                (x, at[way], (len(way) - 1) * _STEP - 5, at[way]),
            ]
        here = members.get(way[-1], []) if ways.get(way[-1]) == way else []
        for k, node in enumerate(here):
            xy[index[node]] = (start + (k % across) * wide, y + (k // across + 0.5) * high)
        if here:
            # a line from the name to what hangs on it
            begin = (len(way) - 1) * _STEP + 8 + 6.5 * min(24, len(_shown(way[-1])))
            lines.append((begin, at[way], start - 16, at[way]))
        y += max(1, -(-len(here) // across)) * high + 4
    rows = [("structures", -6.0, y + 2)] if tree else []
    y += 20
    rows += _rest(graph, elsewhere, index, xy, y, (wide, high, across, start))
    note = (
        "Structures of the ontology, with what hangs on them."
        if tree
        else "Nothing here is known to lie in a structure."
    )
    return NodeGrid("anatomy", xy, rows, words=words, lines=lines, note=note)


def _members(graph: PatientGraph) -> tuple[dict[str, list[str]], list[str]]:
    """Structure's name to its nodes, the structure itself first; and the nodes of none."""
    found: dict[str, str] = {}
    hops: dict[str, int] = {}
    queue: deque[str] = deque()
    for node in graph.of_kind("anatomy"):
        found[node] = _structure(unquote(node.rpartition("/")[2]), graph.nodes[node].get("name"))
        hops[node] = 0
        queue.append(node)
    while queue:
        node = queue.popleft()
        if hops[node] == _MOST_HOPS:
            continue
        for other in (*graph.predecessors(node), *graph.successors(node)):
            if other not in hops and graph.nodes[other].get("kind") not in _NO_WAY:
                hops[other] = hops[node] + 1
                found[other] = found[node]
                queue.append(other)
    members: dict[str, list[str]] = defaultdict(list)
    for node in sorted(found, key=lambda one: (hops[one], one)):
        members[found[node]].append(node)
    return dict(members), [node for node in graph if node not in found]


def _structure(item: str, name: str | None) -> str:
    """The ontology's name where it has one, else what the source calls it."""
    if item in anatomy():
        return item
    there = anatomy().find(name or item)
    return there.name if there else name or item


def _way(name: str) -> tuple[str, ...]:
    """From the largest structure down to this one; the first of several wholes is taken."""
    known = anatomy()
    way = [name]
    while way[0] in known:
        one = known[way[0]]
        above = next((up for up in (*one.part_of, *one.within) if up not in way), None)
        if above is None:
            break
        way.insert(0, above)
    return tuple(way)


def _shown(name: str) -> str:
    return anatomy()[name].display if name in anatomy() else printable(name)


def _rest(
    graph: PatientGraph,
    elsewhere: list[str],
    index: dict[str, int],
    xy: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    y: float,
    cell: tuple[float, float, int, float],
) -> list[tuple[str, float, float]]:
    wide, high, across, start = cell
    kinds: dict[str, list[str]] = defaultdict(list)
    for node in elsewhere:
        kinds[str(graph.nodes[node].get("kind"))].append(node)
    rows = []
    for kind in sorted(kinds, key=lambda one: (one not in NODE_KINDS, _rank(one), one)):
        for k, node in enumerate(kinds[kind]):
            xy[index[node]] = (start + (k % across) * wide, y + (k // across + 0.5) * high)
        deep = -(-len(kinds[kind]) // across)
        rows.append((f"{kind}: no structure", y - 3, y + deep * high + 3))
        y += deep * high + 14
    return rows


def _rank(kind: str) -> int:
    return NODE_KINDS.index(kind) if kind in NODE_KINDS else 0
