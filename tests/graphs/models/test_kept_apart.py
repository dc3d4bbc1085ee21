"""Edges by which a patient who was not learnt of would reach anybody else are left out."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torch_geometric")

from graphs.models.kept_apart import kept_apart  # noqa: E402
from graphs.models.owners import SHARED, owners  # noqa: E402
from graphs.models.with_reverse import with_reverse  # noqa: E402


def small() -> object:
    """Two patients: each has a lesion with a part of its own, in one organ."""
    from torch_geometric.data import HeteroData

    data = HeteroData()
    data["patient"].num_nodes = 2
    data["lesion"].x = torch.zeros(2, 1)
    data["part"].num_nodes = 2
    data["organ"].num_nodes = 1
    data["patient", "has", "lesion"].edge_index = torch.tensor([[0, 1], [0, 1]])
    data["lesion", "of", "part"].edge_index = torch.tensor([[0, 1], [0, 1]])
    data["lesion", "in", "organ"].edge_index = torch.tensor([[0, 1], [0, 0]])
    data["patient", "similar_to", "patient"].edge_index = torch.tensor([[0, 1], [1, 0]])
    data["patient", "similar_to", "patient"].distance = torch.tensor([0.5, 0.25])
    return data


def test_nodes_belong_to_the_nearest_patient_or_to_all() -> None:
    found = {name: one.tolist() for name, one in owners(small()).items()}
    assert found == {
        "patient": [0, 1], "lesion": [0, 1], "part": [0, 1], "organ": [SHARED],
    }  # fmt: skip


def test_what_the_graph_says_counts() -> None:
    data = small()
    data["part"].patient = torch.tensor([1, 0])
    assert owners(data)["part"].tolist() == [1, 0]


def test_only_those_learnt_of_are_heard_by_others() -> None:
    whole = with_reverse(small())
    assert ("organ", "rev_in", "lesion") in whole.edge_types
    apart = kept_apart(whole, np.array([True, False]))
    kept = {edge: one.tolist() for edge, one in apart.edge_index_dict.items()}
    assert kept["patient", "similar_to", "patient"] == [[0], [1]]
    assert apart["patient", "similar_to", "patient"].distance.tolist() == [0.5]
    assert kept["lesion", "in", "organ"] == [[0], [0]]
    assert kept["organ", "rev_in", "lesion"] == [[0, 0], [0, 1]]
    assert kept["lesion", "rev_has", "patient"] == [[0, 1], [0, 1]]
