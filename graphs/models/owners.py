"""owners: whose each node of a graph is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

Ints = NDArray[np.int64]

#: Of a node that belongs to no patient, or to several: a pathway, a region of the anatomy.
SHARED = -1


def owners(graph: HeteroData) -> dict[str, Ints]:
    """Tell the patient of each node.

    Where the graph says it (a tensor ``patient`` of a node type), that counts. Elsewhere a node is
    the patient's to whom the fewest edges lead, in whichever direction and through no other
    patient; a node to which as few lead from several is `SHARED`.

    Parameters
    ----------
    graph : HeteroData

    Returns
    -------
    dict of str to ndarray of int64, (node,)
        Node type to rows of the patient nodes, or `SHARED`.
    """
    count = {name: int(graph[name].num_nodes) for name in graph.node_types}
    said = {
        name: graph[name]["patient"].numpy().astype(np.int64)
        for name in graph.node_types if name != "patient" and "patient" in graph[name]
    }  # fmt: skip
    said["patient"] = np.arange(count["patient"])
    if len(said) == len(count):
        return said
    first = dict(zip(count, np.cumsum([0, *count.values()]), strict=False))
    tails, heads = [], []
    for tail, _, head in graph.edge_types:
        if tail == head == "patient":
            continue
        ends = graph[tail, _, head].edge_index.numpy()
        tails += [ends[0] + first[tail], ends[1] + first[head]]
        heads += [ends[1] + first[head], ends[0] + first[tail]]
    whole = np.full(sum(count.values()), SHARED, np.int64)
    for name, owner in said.items():
        whole[first[name] : first[name] + count[name]] = owner
    known = np.concatenate([np.full(n, name in said) for name, n in count.items()])
    if tails:
        _spread(np.concatenate(tails), np.concatenate(heads), whole, known)
    return {name: whole[first[name] : first[name] + n] for name, n in count.items()}


def _spread(tail: Ints, head: Ints, owner: Ints, known: NDArray[np.bool_]) -> None:
    """Give owners a hop at a time, in place."""
    front = known.copy()
    while front.any():
        reach = front[tail] & ~known[head]
        if not reach.any():
            return
        told, to = owner[tail[reach]], head[reach]
        low = np.full(len(owner), np.iinfo(np.int64).max)
        high = np.full(len(owner), np.iinfo(np.int64).min)
        np.minimum.at(low, to, told)
        np.maximum.at(high, to, told)
        front = np.zeros_like(known)
        front[to] = True
        owner[front] = np.where(low == high, low, SHARED)[front]
        known |= front
