from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.space import index_to_lps
from widgets.napari.world import World

SHAPE = (12, 40, 50)
INDICES = np.array([[0, 0, 0], [3, 7, 9], [11, 39, 49], [5, 20, 1]])


def _turned(degrees: float, axis: int) -> Any:
    angle = np.deg2rad(degrees)
    turn = np.eye(3)
    a, b = [k for k in range(3) if k != axis]
    turn[a, a] = turn[b, b] = np.cos(angle)
    turn[a, b], turn[b, a] = -np.sin(angle), np.sin(angle)
    return turn


def _affine(columns: Any) -> Any:
    affine = np.eye(4)
    affine[:3, :3] = columns
    affine[:3, 3] = [-120.0, 33.0, 71.5]
    return affine


@pytest.mark.parametrize(
    "columns",
    [
        np.diag([0.7, 0.7, 3.0]),
        np.diag([0.7, -0.7, -3.0]),
        _turned(14, 0) @ np.diag([0.7, 0.7, 3.0]),
        _turned(30, 2) @ _turned(-20, 1) @ np.diag([0.7, 0.7, 3.0]),
        np.array([[0.0, 0, 3.0], [0.7, 0, 0], [0, -0.7, 0]]),  # sagittal
        np.array([[0.7, 0, 0], [0, 0, 3.0], [0, -0.7, 0]]),  # coronal
        np.array([[0.7, 0, 0], [0, 0.7, 0.4], [0, 0, 3.0]]),  # a tilted gantry
    ],
)
def test_a_world_along_an_image_keeps_every_voxel_in_its_place(columns: Any) -> None:
    affine = _affine(columns)
    world = World.along(affine)
    placement = world.place(affine, SHAPE)
    assert np.allclose(world.turn @ world.turn.T, np.eye(3))
    assert np.isclose(np.linalg.det(world.turn), 1.0)
    there = placement.to_world(INDICES)
    np.testing.assert_allclose(world.to_lps(there), index_to_lps(affine, INDICES), atol=1e-6)
    np.testing.assert_allclose(there, world.of_lps(index_to_lps(affine, INDICES)), atol=1e-6)
    np.testing.assert_allclose(placement.to_index(there), INDICES, atol=1e-6)
    sheared = columns[1, 2] == 0.4
    off = placement.affine[:3, :3] - np.diag(np.diag(placement.affine[:3, :3]))
    assert np.any(off != 0) == sheared  # napari draws planes of straight layers alone
    assert ("up to 4.4 mm" in placement.note) == sheared


def test_layers_are_turned_and_turned_back() -> None:
    values = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    affine = _affine(np.array([[0.0, 0, 3.0], [0.7, 0, 0], [0, -0.7, 0]]))
    placement = World().place(affine, (2, 3, 4))
    own = placement.turned(values)
    assert own.shape == tuple(values.shape[axis] for axis in placement.order)
    np.testing.assert_array_equal(placement.turned_back(own), values)
    for index in np.ndindex(values.shape):
        mine = tuple(index[axis] for axis in placement.order)
        assert own[mine] == values[index]
        assert placement.turned_back_index(mine) == index
    four = np.stack([values, values])
    np.testing.assert_array_equal(placement.turned_back(placement.turned(four)), four)


def test_uneven_slices_are_told() -> None:
    affine = _affine(np.diag([1.0, 1.0, 3.0]))
    origins = index_to_lps(affine, [[k, 0, 0] for k in range(12)])
    origins[6:] += [0, 0, 2.5]
    note = World().place(affine, SHAPE, origins).note
    assert note == "its slices are uneven: drawn as even, they are up to 2.5 mm off"
    assert World().place(affine, SHAPE).note == ""


def test_an_image_that_leans_by_less_than_the_grid_tolerance_lies_straight() -> None:
    affine = _affine(_turned(1e-3, 0) @ np.diag([0.5, 0.5, 1.0]))
    world = World.along(affine)
    assert not world.oblique
    assert world.axis_labels == ("z", "y", "x")
    placement = world.place(affine, SHAPE)
    assert placement.lean_mm == 0
    gap = world.to_lps(placement.to_world(INDICES)) - index_to_lps(affine, INDICES)
    assert np.abs(gap).max() < 1e-2
