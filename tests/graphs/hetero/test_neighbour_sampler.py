"""At full fan-out the sampler's nodes are those of k_hop_subgraph; draws repeat by their seed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.store import Store
from graphs.errors import ExamplesError

torch: Any = pytest.importorskip("torch")
geometric: Any = pytest.importorskip("torch_geometric")

from torch_geometric.data import HeteroData  # noqa: E402
from torch_geometric.utils import k_hop_subgraph  # noqa: E402

from graphs.hetero.neighbour_sampler import NeighbourSampler  # noqa: E402
from graphs.to_hetero import to_hetero  # noqa: E402

TYPES = [("a", "to", "b"), ("b", "to", "a"), ("a", "near", "a"), ("c", "of", "b")]
SIZES = {"a": 7, "b": 5, "c": 3}


@st.composite
def graphs(draw: Any) -> Any:
    data = HeteroData()
    for kind, size in SIZES.items():
        data[kind].x = torch.arange(size, dtype=torch.float32)[:, None]
    for tail, name, head in TYPES:
        pairs = draw(
            st.lists(
                st.tuples(st.integers(0, SIZES[tail] - 1), st.integers(0, SIZES[head] - 1)),
                max_size=25,
            )
        )
        edges = torch.tensor(pairs, dtype=torch.long).reshape(-1, 2).T.contiguous()
        data[tail, name, head].edge_index = edges
        data[tail, name, head].weight = torch.arange(edges.shape[1])
    return data


def k_hop(data: Any, kind: str, seeds: list[int], hops: int) -> dict[str, set[int]]:
    """Truth: torch_geometric's own, on the graph as one of a single kind."""
    starts, begin = {}, 0
    for one in data.node_types:
        starts[one] = begin
        begin += data[one].num_nodes
    whole = data.to_homogeneous(node_attrs=[], edge_attrs=[])
    nodes = k_hop_subgraph(
        [starts[kind] + seed for seed in seeds], hops, whole.edge_index, num_nodes=begin
    )[0].tolist()
    return {
        one: {n - starts[one] for n in nodes if 0 <= n - starts[one] < data[one].num_nodes}
        for one in data.node_types
    }


@settings(max_examples=60, deadline=None)
@given(graphs(), st.sets(st.integers(0, 6), min_size=1), st.integers(1, 3))
def test_full_fan_out_gives_the_nodes_of_k_hop_subgraph(
    data: Any, seeds: set[int], hops: int
) -> None:
    sampler = NeighbourSampler(data, [-1] * hops)
    part = sampler.sample("a", np.array(sorted(seeds)), np.random.default_rng(0))
    found = {kind: part[kind].n_id.tolist() for kind in data.node_types}
    assert {kind: set(some) for kind, some in found.items()} == k_hop(
        data, "a", sorted(seeds), hops
    )
    assert all(len(set(some)) == len(some) for some in found.values())
    assert found["a"][: len(seeds)] == sorted(seeds)
    assert part["a"].batch_size == len(seeds)


def test_it_does_of_the_graph_of_a_real_patient(lidc: Store) -> None:
    """LIDC-IDRI-0314, as the demo has him: the CT, the outlines and ratings of four readers."""
    data = to_hetero(lidc)
    assert data["fact"].num_nodes > 10
    for kind in ("patient", "segment", "fact"):
        for hops in (1, 2, 3):
            seeds = np.arange(min(2, data[kind].num_nodes))
            part = NeighbourSampler(data, [-1] * hops).sample(kind, seeds, np.random.default_rng(0))
            found = {one: set(part[one].n_id.tolist()) for one in data.node_types}
            assert found == k_hop(data, kind, seeds.tolist(), hops)


@settings(max_examples=60, deadline=None)
@given(graphs(), st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_drawn_edges_are_edges_of_the_graph(data: Any, seed: int, most: int) -> None:
    sampler = NeighbourSampler(data, [most, most])
    part = sampler.sample("a", np.array([3, 0]), np.random.default_rng(seed))
    again = sampler.sample("a", np.array([3, 0]), np.random.default_rng(seed))
    for kind in data.node_types:
        assert part[kind].x[:, 0].tolist() == part[kind].n_id.tolist()
        assert part[kind].n_id.tolist() == again[kind].n_id.tolist()
    for tail, name, head in data.edge_types:
        edges = part[tail, name, head]
        whole = data[tail, name, head].edge_index[:, edges.e_id]
        assert torch.equal(part[tail].n_id[edges.edge_index[0]], whole[0])
        assert torch.equal(part[head].n_id[edges.edge_index[1]], whole[1])
        assert edges.weight.tolist() == edges.e_id.tolist()
        assert len(set(edges.e_id.tolist())) == len(edges.e_id)
        into = torch.bincount(edges.edge_index[1], minlength=1)
        assert int(into.max()) <= most
        assert torch.equal(edges.e_id, again[tail, name, head].e_id)


def test_edge_types_are_followed_as_far_as_is_said() -> None:
    data = HeteroData()
    data["a"].x = torch.zeros(2, 1)
    data["b"].x = torch.zeros(2, 1)
    data["b", "to", "a"].edge_index = torch.tensor([[0, 1], [0, 0]])
    data["a", "to", "b"].edge_index = torch.tensor([[1], [0]])
    fan_out = {("b", "to", "a"): [-1, -1]}
    part = NeighbourSampler(data, fan_out).sample("a", np.array([0]), np.random.default_rng(0))
    assert part["b"].n_id.tolist() == [0, 1]
    assert part["a", "to", "b"].edge_index.shape == (2, 0)


def test_what_cannot_be_drawn_is_refused() -> None:
    data = HeteroData()
    data["a"].x = torch.zeros(2, 1)
    data["a", "to", "a"].edge_index = torch.tensor([[0], [1]])
    with pytest.raises(ExamplesError, match="No edges"):
        NeighbourSampler(data, {("a", "of", "a"): [1]})
    with pytest.raises(ExamplesError, match="hops"):
        NeighbourSampler(data, [])
    with pytest.raises(ExamplesError, match="twice"):
        NeighbourSampler(data, [1]).sample("a", np.array([1, 1]), np.random.default_rng(0))
