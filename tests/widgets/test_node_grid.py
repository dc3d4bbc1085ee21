from __future__ import annotations

import numpy as np

from widgets.node_grid import ROOMY, NodeGrid, cell_size


def test_places_travel_as_bytes() -> None:
    xy = np.array([[1, 2], [3, 4]], np.float64)
    sent = NodeGrid("time", xy, rows=[("a", 0.0, 1.0)]).to_json()
    assert np.frombuffer(sent["xy"], "<f4").tolist() == [1, 2, 3, 4]
    assert sent["rows"] == [["a", 0.0, 1.0]]


def test_many_nodes_stand_closer() -> None:
    assert cell_size(ROOMY)[0] > cell_size(ROOMY + 1)[0]
