"""Batches of seeds: all of them, the same again by their seed, and in eval the same prediction."""

from typing import Any

import numpy as np
import pytest

torch: Any = pytest.importorskip("torch")
pytest.importorskip("torch_geometric")

from torch_geometric.data import HeteroData  # noqa: E402

from graphs.hetero.neighbour_loader import neighbour_loader  # noqa: E402


@pytest.fixture(scope="module")
def data() -> Any:
    rng = np.random.default_rng(0)
    made = HeteroData()
    made["patient"].x = torch.from_numpy(rng.normal(size=(50, 3)).astype(np.float32))
    made["fact"].x = torch.from_numpy(rng.normal(size=(200, 3)).astype(np.float32))
    owner = torch.from_numpy(rng.integers(0, 50, 200))
    made["patient", "has", "fact"].edge_index = torch.stack([owner, torch.arange(200)])
    made["fact", "rev_has", "patient"].edge_index = torch.stack([torch.arange(200), owner])
    near = torch.from_numpy(rng.integers(0, 50, (2, 300)))
    made["patient", "similar_to", "patient"].edge_index = near
    return made


def seen(batches: Any) -> list[list[int]]:
    return [batch["patient"].n_id.tolist() for batch in batches]


def test_each_seed_comes_once(data: Any) -> None:
    mask = np.arange(50) % 2 == 0
    batches = neighbour_loader(data, [2, 2], 8, mask, shuffle=True, pyg=False)
    found = [batch["patient"].input_id.tolist() for batch in batches]
    assert [len(some) for some in found] == [8, 8, 8, 1]
    assert len(batches) == 4
    assert sorted(seed for some in found for seed in some) == list(range(0, 50, 2))


def test_the_same_seed_draws_the_same_and_each_epoch_others(data: Any) -> None:
    one = neighbour_loader(data, [2, 2], 8, seed=3, shuffle=True, pyg=False)
    two = neighbour_loader(data, [2, 2], 8, seed=3, shuffle=True, pyg=False)
    first = seen(one)
    assert first == seen(two)
    assert first != seen(one)
    assert first != seen(neighbour_loader(data, [2, 2], 8, seed=4, shuffle=True, pyg=False))


def test_with_all_neighbours_a_prediction_does_not_depend_on_the_batch(data: Any) -> None:
    from torch_geometric.nn import HeteroConv, SAGEConv

    torch.manual_seed(0)
    layers = [HeteroConv({one: SAGEConv(3, 3) for one in data.edge_types}).eval() for _ in range(2)]

    def predicted(graph: Any) -> Any:
        x = graph.x_dict
        for layer in layers:
            x = layer(x, graph.edge_index_dict)
        return x["patient"]

    with torch.no_grad():
        whole = predicted(data)
        for size in (1, 7, 50):
            for batch in neighbour_loader(data, [-1, -1], size, pyg=False):
                some = predicted(batch)[: batch["patient"].batch_size]
                assert torch.allclose(some, whole[batch["patient"].input_id], atol=1e-6)
