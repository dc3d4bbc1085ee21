"""NeighbourSampler: the surroundings of some nodes, drawn from the edges into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from graphs.errors import ExamplesError
from graphs.hetero.csr import Csr

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

Ints = NDArray[np.int64]
EdgeType = tuple[str, str, str]
FanOut = Sequence[int] | Mapping[EdgeType, Sequence[int]]
_SHORT = (torch.bool, torch.int8, torch.int64, torch.float32, torch.float64)


class NeighbourSampler:
    """Draws sub-graphs as `torch_geometric.loader.NeighborLoader` does, without pyg-lib.

    A hop goes against the edges: from a node to the tails of the edges into it. Each node is
    visited once, however many ways lead to it, so that with every edge taken the nodes are those
    of `torch_geometric.utils.k_hop_subgraph`.

    Parameters
    ----------
    data : HeteroData
    fan_out : sequence of int, or mapping of edge type to sequence of int
        Most edges of each type into a node, a hop after the other; -1 takes all. An edge type
        that a mapping lacks is not followed.

    Raises
    ------
    ExamplesError
        No hop is asked for, or edge types are asked for different numbers of hops.
    """

    def __init__(self, data: HeteroData, fan_out: FanOut) -> None:
        self._data = data
        types: list[EdgeType] = list(data.edge_types)
        given = fan_out if isinstance(fan_out, Mapping) else dict.fromkeys(types, fan_out)
        unknown = [one for one in given if one not in types]
        if unknown:
            raise ExamplesError(f"No edges {unknown[0]!r}", expected="edge types of the graph")
        hops = {len(one) for one in given.values()}
        if len(hops) > 1 or 0 in hops:
            raise ExamplesError(
                f"Fan-outs of {sorted(hops)} hops", expected="one number a hop, for each edge type"
            )
        self.hops = hops.pop() if hops else 0
        self._fan_out = {one: [int(n) for n in given[one]] for one in types if one in given}
        self._counts = {kind: int(data[kind].num_nodes) for kind in data.node_types}
        self._csr: dict[EdgeType, Csr] = {}
        for one in self._fan_out:
            tail, head = data[one].edge_index.numpy()
            self._csr[one] = Csr.of(tail, head, self._counts[one[2]])
        # where a node stands in the sub-graph; -1 everywhere between two draws
        self._local = {kind: np.full(n, -1, np.int64) for kind, n in self._counts.items()}

    def nodes_and_edges(
        self, kind: str, seeds: Ints, rng: np.random.Generator
    ) -> tuple[dict[str, Ints], dict[EdgeType, tuple[Ints, Ints, Ints]]]:
        """Draw the surroundings of some nodes.

        Parameters
        ----------
        kind : str
        seeds : ndarray of int64
            Nodes of that kind, each once.
        rng : numpy.random.Generator

        Returns
        -------
        nodes : dict
            Kind to the nodes' positions in the graph; the seeds are the first of their kind.
        edges : dict
            Edge type to (tail, head, edge): positions in `nodes`, and in the graph's edges.
        """
        found: dict[str, list[Ints]] = {one: [] for one in self._counts}
        size = dict.fromkeys(self._counts, 0)
        drawn: dict[EdgeType, list[tuple[Ints, Ints, Ints]]] = {one: [] for one in self._csr}
        try:
            self._enter(kind, seeds, found, size)
            since = dict.fromkeys(self._counts, 0)
            for hop in range(self.hops):
                until = dict(size)
                for one, csr in self._csr.items():
                    tails, _, heads = one
                    if since[heads] == until[heads]:
                        continue
                    front = np.concatenate(found[heads])[since[heads] : until[heads]]
                    tail, place, edge = csr.draw(front, self._fan_out[one][hop], rng)
                    self._enter(tails, tail, found, size)
                    drawn[one].append((self._local[tails].take(tail), place + since[heads], edge))
                since = until
        finally:
            for name, parts in found.items():
                for part in parts:
                    self._local[name][part] = -1
        empty = np.zeros(0, np.int64)
        nodes = {name: np.concatenate(parts) if parts else empty for name, parts in found.items()}
        edges = {
            one: tuple(np.concatenate(some) for some in zip(*parts, strict=True))
            if parts else (empty, empty, empty)
            for one, parts in drawn.items()
        }  # fmt: skip
        return nodes, edges  # type: ignore[return-value]

    def _enter(
        self, kind: str, nodes: Ints, found: dict[str, list[Ints]], size: dict[str, int]
    ) -> None:
        """Give those that are not in the sub-graph yet a place, in the order of their coming."""
        local = self._local[kind]
        fresh = nodes[local.take(nodes) < 0]
        if not len(fresh):
            return
        # writing backwards leaves each one's first position: what is unique without a sort
        local[fresh[::-1]] = np.arange(len(fresh) - 1, -1, -1)
        fresh = fresh[local.take(fresh) == np.arange(len(fresh))]
        local[fresh] = size[kind] + np.arange(len(fresh))
        found[kind].append(fresh)
        size[kind] += len(fresh)

    def sample(self, kind: str, seeds: Ints, rng: np.random.Generator) -> HeteroData:
        """The surroundings of some nodes as a graph of their own.

        Parameters
        ----------
        kind : str
        seeds : ndarray of int64
        rng : numpy.random.Generator

        Returns
        -------
        HeteroData
            With each node's tensors, ``n_id`` (its place in the whole graph), ``e_id`` of edges,
            and ``batch_size`` and ``input_id`` of the seeds' kind, whose first nodes they are.
        """
        seeds = np.asarray(seeds, np.int64)
        if len(np.unique(seeds)) != len(seeds):
            raise ExamplesError("A seed twice", expected="each node once")
        nodes, edges = self.nodes_and_edges(kind, seeds, rng)
        whole = self._data
        part = type(whole)()
        for one, at in nodes.items():
            n_id = torch.from_numpy(at)
            store, made = whole[one], part[one]
            for name, value in store.items():
                if isinstance(value, torch.Tensor) and store.is_node_attr(name):
                    made[name] = _rows(value, at)
            made.n_id = n_id
            made.num_nodes = len(at)
        for place in whole.edge_types:
            empty = np.zeros(0, np.int64)
            tail, head, edge = edges.get(place, (empty, empty, empty))
            e_id = torch.from_numpy(edge)
            made = part[place]
            for name, value in whole[place].items():
                if isinstance(value, torch.Tensor) and name != "edge_index":
                    made[name] = _rows(value, edge)
            made.edge_index = torch.from_numpy(np.stack([tail, head]))
            made.e_id = e_id
        part[kind].input_id = torch.from_numpy(seeds)
        part[kind].batch_size = len(seeds)
        return part


def _rows(value: torch.Tensor, at: Ints) -> torch.Tensor:
    """Some rows; numpy's `take` moves short rows in a third of the time of `index_select`."""
    if value.device.type != "cpu" or value.requires_grad or value.dtype not in _SHORT:
        return value.index_select(0, torch.from_numpy(at).to(value.device))
    return torch.from_numpy(value.numpy().take(at, axis=0))
