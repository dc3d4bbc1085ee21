from __future__ import annotations

import numpy as np
import pytest

from explorer.errors import GeometryError
from widgets.heat_layer import HeatLayer
from widgets.lattice import Lattice
from widgets.planes import planes

SHAPE = (4, 10, 12)


def test_on_the_images_own_grid() -> None:
    values = np.random.default_rng(0).random(SHAPE)
    layer = HeatLayer(values, Lattice(np.eye(4), SHAPE))
    assert layer.plane(1, 3) == pytest.approx(values[:, 3], abs=1e-6)


def test_on_a_coarser_grid_it_is_linear_and_ends_where_it_ends() -> None:
    coarse = np.broadcast_to(np.linspace(0, 1, 3), (4, 10, 3))
    layer = HeatLayer(coarse, Lattice(np.eye(4), SHAPE), np.diag([4.0, 1, 1, 1]))
    row = layer.plane(0, 0)[5]
    assert row[:9] == pytest.approx(np.arange(9) / 8)
    assert row[10] == 1
    assert np.isnan(row[11])
    _, data = layer.part(planes(np.eye(4), SHAPE)[0], 0, 0)
    assert np.frombuffer(data, "<f4").reshape(10, 12)[5, :9] == pytest.approx(np.arange(9) / 8)


@pytest.mark.parametrize(
    "values", [np.zeros((3, 3)), np.zeros((2, 2, 2, 2)), np.full(SHAPE, 1.5), np.full(SHAPE, -1)]
)
def test_what_is_no_map_is_refused(values: np.ndarray) -> None:
    with pytest.raises(GeometryError, match="heat map"):
        HeatLayer(values, Lattice(np.eye(4), SHAPE))
