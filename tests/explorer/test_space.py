from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import GeometryError
from explorer.space import (
    axis_coordinates,
    axis_letters,
    flip_ras_lps,
    index_to_lps,
    letters,
    lps_to_index,
    make_affine,
    resample_nearest,
    same_grid,
    slice_positions,
    spacing,
)

# a volume of 3 mm slices, 0.5 mm wide and 0.7 mm high pixels, its origin off the zero
ALIGNED = make_affine([-10, -20, 30], np.diag([0.5, 0.7, 3]))

turns = st.tuples(*[st.floats(-3.2, 3.2)] * 3)
sizes = st.tuples(*[st.floats(0.1, 10)] * 3)
places = st.tuples(*[st.floats(-500, 500)] * 3)


def _turned(turn: Any, size: Any, origin: Any) -> Any:
    rotation = np.eye(3)
    for axis, angle in enumerate(turn):
        c, s = np.cos(angle), np.sin(angle)
        step = np.eye(3)
        i, j = [k for k in range(3) if k != axis]
        step[[i, i, j, j], [i, j, i, j]] = c, -s, s, c
        rotation = rotation @ step
    return make_affine(origin, rotation * size)


@given(turns, sizes, places, st.tuples(*[st.floats(-100, 600)] * 3))
def test_there_and_back(turn: Any, size: Any, origin: Any, index: Any) -> None:
    affine = _turned(turn, size, origin)
    np.testing.assert_allclose(
        lps_to_index(affine, index_to_lps(affine, index)), index, rtol=1e-9, atol=1e-6
    )
    np.testing.assert_allclose(spacing(affine), size[::-1], rtol=1e-9)
    np.testing.assert_array_equal(flip_ras_lps(flip_ras_lps(affine)), affine)


def test_an_index_by_hand() -> None:
    assert index_to_lps(ALIGNED, (0, 0, 0)).tolist() == [-10, -20, 30]
    assert index_to_lps(ALIGNED, (2, 10, 4)).tolist() == [-8, -13, 36]
    np.testing.assert_allclose(lps_to_index(ALIGNED, [[-8, -13, 36]]), [[2, 10, 4]])
    assert spacing(ALIGNED) == (3, 0.7, 0.5)


def test_ras_becomes_lps() -> None:
    assert flip_ras_lps(np.diag([1, 2, 3, 1])).diagonal().tolist() == [-1, -2, 3, 1]


@pytest.mark.parametrize(
    "columns", [np.zeros((3, 3)), np.ones((3, 3)), np.diag([1, 1, np.nan]), np.diag([1, np.inf, 1])]
)
def test_axes_that_do_not_span_space(columns: Any) -> None:
    with pytest.raises(GeometryError, match="span space"):
        make_affine([0, 0, 0], columns)


def test_coordinates_of_an_aligned_grid_are_lps() -> None:
    found = axis_coordinates(ALIGNED, (2, 3, 4))
    assert found["x"].tolist() == [-10, -9.5, -9, -8.5]
    np.testing.assert_allclose(found["y"], [-20, -19.3, -18.6])
    assert found["z"].tolist() == [30, 33]


def test_coordinates_descend_where_the_axis_does() -> None:
    affine = make_affine([5, 0, 0], np.diag([-1, 1, -2]))
    assert axis_coordinates(affine, (2, 1, 3))["x"].tolist() == [5, 4, 3]
    assert axis_coordinates(affine, (2, 1, 3))["z"].tolist() == [0, -2]


def test_a_sagittal_volume_has_its_slices_along_x() -> None:
    # rows run to the back, columns to the feet, slices to the left
    affine = make_affine([1, 2, 3], np.array([[0, 0, 4], [1, 0, 0], [0, -1, 0]]))
    found = axis_coordinates(affine, (3, 2, 2))
    assert found["z"].tolist() == [1, 5, 9]
    assert found["y"].tolist() == [3, 2]
    assert found["x"].tolist() == [2, 3]
    assert axis_letters(affine) == {"x": ("A", "P"), "y": ("H", "F"), "z": ("R", "L")}


def test_coordinates_of_an_oblique_grid_lie_along_its_own_axes() -> None:
    # turned by 30 degrees about z: x points (cos 30, sin 30), y (-sin 30, cos 30)
    c, s = np.sqrt(3) / 2, 0.5
    affine = make_affine([10, 0, 7], np.array([[2 * c, -2 * s, 0], [2 * s, 2 * c, 0], [0, 0, 3]]))
    found = axis_coordinates(affine, (2, 2, 3))
    np.testing.assert_allclose(found["x"], 10 * c + 2 * np.arange(3))
    np.testing.assert_allclose(found["y"], -10 * s + 2 * np.arange(2))
    assert found["z"].tolist() == [7, 10]


def test_uneven_slices_keep_their_positions() -> None:
    origins = np.array([[-10.0, -20, 30], [-10, -20, 33], [-10, -20, 40]])
    assert axis_coordinates(ALIGNED, (3, 2, 2), origins)["z"].tolist() == [30, 33, 40]
    assert slice_positions(ALIGNED, 3, origins).tolist() == [30, 33, 40]
    assert slice_positions(ALIGNED, 3, None).tolist() == [30, 33, 36]


def test_a_point_in_uneven_slices() -> None:
    origins = np.array([[-10.0, -20, 30], [-10, -20, 33], [-10, -20, 40]])
    assert index_to_lps(ALIGNED, (2, 10, 4), origins).tolist() == [-8, -13, 40]
    np.testing.assert_allclose(lps_to_index(ALIGNED, (-8, -13, 40), origins), (2, 10, 4))
    np.testing.assert_allclose(lps_to_index(ALIGNED, (-8, -13, 38.25), origins), (1.75, 10, 4))


def test_a_point_in_sheared_slices() -> None:
    # a tilted gantry: each slice lies 1 mm further back, at the same height of 3 mm
    origins = np.array([[-10.0, -20 + k, 30 + 3 * k] for k in range(3)])
    assert index_to_lps(ALIGNED, (2, 0, 0), origins).tolist() == [-10, -18, 36]
    np.testing.assert_allclose(lps_to_index(ALIGNED, (-10, -18, 36), origins), (2, 0, 0), atol=1e-9)


@given(turns, sizes, places, st.lists(st.floats(0.2, 9), min_size=2, max_size=6), st.data())
def test_there_and_back_in_uneven_slices(
    turn: Any, size: Any, origin: Any, gaps: list[float], data: Any
) -> None:
    affine = _turned(turn, size, origin)
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    normal /= np.linalg.norm(normal)
    origins = affine[:3, 3] + np.cumsum(gaps)[:, None] * normal
    k = data.draw(st.integers(0, len(gaps) - 1))
    index = (k, *data.draw(st.tuples(st.floats(-9, 99), st.floats(-9, 99))))
    point = index_to_lps(affine, index, origins)
    np.testing.assert_allclose(lps_to_index(affine, point, origins), index, rtol=1e-6, atol=1e-5)


def test_letters() -> None:
    assert letters([1, 0, 0]) == "L"
    assert letters([0, -1, 0]) == "A"
    assert letters([0, 0, -5]) == "F"
    assert letters([-0.3, 0.9, 0.3]).startswith("P")
    assert set(letters([-0.3, 0.9, 0.3])) == set("PRH")


def test_the_same_grid_within_a_hundredth_of_a_millimetre() -> None:
    shape = (100, 512, 512)
    assert same_grid(ALIGNED, ALIGNED, shape, shape)
    assert not same_grid(ALIGNED, ALIGNED, shape, (99, 512, 512))
    moved = ALIGNED.copy()
    moved[0, 3] += 0.02
    assert not same_grid(ALIGNED, moved, shape, shape)
    # a step that is wrong by 0.0001 mm is 0.05 mm off at the far corner
    stretched = ALIGNED.copy()
    stretched[0, 0] += 1e-4
    assert not same_grid(ALIGNED, stretched, shape, shape)
    assert same_grid(ALIGNED, stretched, (10, 10, 10), (10, 10, 10))


def test_the_nearest_voxel_by_hand() -> None:
    values = np.array([[[1, 2], [3, 4]]], np.int16)
    coarse = make_affine([0, 0, 0], np.diag([2, 2, 2]))
    fine = make_affine([-0.5, -0.5, 0], np.diag([1, 1, 1]))
    got = resample_nearest(values, coarse, fine, (2, 5, 4), fill=-9)
    assert got[0].tolist() == [
        [1, 1, 2, 2],
        [1, 1, 2, 2],
        [3, 3, 4, 4],
        [3, 3, 4, 4],
        [-9, -9, -9, -9],
    ]
    # half a voxel of 2 mm is 1 mm: the plane at z = 1 lies on the edge, and is even-rounded in
    assert got[1].tolist() == got[0].tolist()
