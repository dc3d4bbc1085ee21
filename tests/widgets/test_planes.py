from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from explorer.errors import GeometryError
from explorer.space import index_to_lps
from widgets.planes import planes


def _affine(columns: list[list[float]]) -> np.ndarray:
    affine = np.eye(4)
    affine[:3, :3] = np.array(columns).T
    affine[:3, 3] = (10, -20, 30)
    return affine


def test_an_axial_series_as_a_scanner_makes_it() -> None:
    # x to the left, y to the back, z to the head
    axial, coronal, sagittal = planes(np.diag([1.0, 2.0, 3.0, 1.0]), (5, 6, 7))
    assert (axial.axis, axial.row_axis, axial.col_axis) == (0, 1, 2)
    assert (axial.row_flip, axial.col_flip) == (False, False)
    assert axial.marks == ("R", "L", "A", "P")
    assert (axial.row_step, axial.col_step) == (2, 1)
    assert (coronal.axis, coronal.row_axis, coronal.col_axis) == (1, 0, 2)
    assert (coronal.row_flip, coronal.col_flip) == (True, False)
    assert coronal.marks == ("R", "L", "H", "F")
    assert (sagittal.axis, sagittal.row_axis, sagittal.col_axis) == (2, 0, 1)
    assert (sagittal.row_flip, sagittal.col_flip) == (True, False)
    assert sagittal.marks == ("A", "P", "H", "F")
    assert (sagittal.row_step, sagittal.col_step) == (3, 2)
    assert (axial.forward, coronal.forward, sagittal.forward) == (-1, 1, 1)
    assert [p.strips for p in (axial, coronal, sagittal)] == [None, None, None]


def test_a_nifti_volume_runs_to_the_right_and_front() -> None:
    axial, coronal, sagittal = planes(np.diag([-1.0, -1.0, 1.0, 1.0]), (5, 6, 7))
    assert (axial.row_flip, axial.col_flip) == (True, True)
    assert axial.marks == ("R", "L", "A", "P")
    assert (coronal.row_flip, coronal.col_flip) == (True, True)
    assert (coronal.forward, sagittal.forward) == (-1, -1)


def test_a_series_acquired_in_sagittal_planes() -> None:
    # x to the back, y to the feet, z (slices) to the left
    affine = _affine([[0, 0.5, 0], [0, 0, -0.5], [4, 0, 0]])
    axial, _coronal, sagittal = planes(affine, (20, 256, 200))
    assert (sagittal.axis, sagittal.row_axis, sagittal.col_axis) == (0, 1, 2)
    assert (sagittal.row_flip, sagittal.col_flip) == (False, False)
    assert (sagittal.rows, sagittal.cols, sagittal.count) == (256, 200, 20)
    assert (axial.axis, axial.row_axis, axial.col_axis) == (1, 2, 0)
    assert (axial.row_step, axial.col_step) == (0.5, 4)
    assert axial.forward == 1  # y grows to the feet


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("signs", list(product((1, -1), repeat=3)))
def test_every_way_to_lie_shows_right_front_and_head_at_the_same_corner(
    order: tuple[int, int, int], signs: tuple[int, int, int]
) -> None:
    columns = np.zeros((3, 3))
    for axis, sign in zip(order, signs, strict=True):
        columns[order.index(axis), axis] = sign
    affine = _affine(columns.tolist())
    shape = (4, 5, 6)
    index = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), -1)
    lps = index_to_lps(affine, index)
    for pane, wanted in zip(planes(affine, shape), ((0, 1, 2), (0, 2, 1), (1, 2, 0)), strict=True):
        right, down, through = wanted
        part = [slice(None)] * 3
        part[pane.axis] = 0
        place = [pane.arrange(lps[(*part, k)]) for k in range(3)]
        assert (np.diff(place[right], axis=1) > 0).all(), "to the left, or the back"
        step = np.diff(place[down], axis=0)
        assert (step > 0).all() if down == 1 else (step < 0).all(), "the front, or the head, on top"
        assert np.ptp(place[through]) == 0


def test_an_oblique_series_keeps_its_planes_and_says_so() -> None:
    angle = np.radians(20)
    c, s = np.cos(angle), np.sin(angle)
    # turned about the left-right axis: slices lean to the back
    affine = _affine([[1, 0, 0], [0, c, s], [0, -2 * s, 2 * c]])
    axial, coronal, sagittal = planes(affine, (9, 30, 40))
    assert axial.marks == ("R", "L", "AF", "PH")
    assert coronal.marks == ("R", "L", "HA", "FP")
    assert sagittal.marks == ("AF", "PH", "HA", "FP")
    assert axial.tilt == pytest.approx(20)
    assert coronal.tilt == pytest.approx(20)
    assert sagittal.tilt == pytest.approx(0)
    assert coronal.row_step == pytest.approx(2)


def test_uneven_slices_keep_their_places_and_leave_gaps_empty() -> None:
    heights = np.array([0.0, 3, 6, 15, 18])  # two slices are missing after the third
    origins = np.stack([np.zeros(5), np.zeros(5), heights], axis=1)
    axial, coronal, _ = planes(np.diag([1.0, 1, 3.6, 1]), (5, 8, 8), origins)
    assert axial.strips is None
    assert coronal.along == "row"
    assert coronal.strips is not None
    # the head is on top: from the top, slices 4, 3, gap, 2, 1, 0
    expected = [[0, 3], [3, 6], [12, 15], [15, 18], [18, 21]]
    np.testing.assert_allclose(coronal.strips[:, :2], expected)
    assert coronal.height == 21
    assert coronal.position((4, 0, 0)) == (0.5, 1.5)
    assert coronal.position((0, 0, 7)) == (7.5, 19.5)
    shown = coronal.regular(coronal.arrange(np.arange(5)[:, None] * np.ones((5, 8))), 1.0)
    assert shown.shape == (21, 8)
    assert shown[:, 0].tolist()[:7] == [4, 4, 4, 3, 3, 3, pytest.approx(np.nan, nan_ok=True)]
    assert np.isnan(shown[6:12]).all()
    assert (shown[12:15] == 2).all()


def test_a_tilted_gantry_shifts_slices_against_each_other() -> None:
    # each slice 2 mm up and 1 mm to the back: the volume is a sheared box
    affine = _affine([[1, 0, 0], [0, 1, 0], [0, 1, 2]])
    _axial, coronal, sagittal = planes(affine, (3, 4, 5))
    assert sagittal.along == "row"
    assert sagittal.strips is not None
    np.testing.assert_allclose(sagittal.strips, [[0, 2, 2], [2, 4, 1], [4, 6, 0]])
    assert sagittal.width == 6
    # the plane of one y leans with the slices; within it they are not shifted
    assert coronal.strips is None
    assert coronal.row_step == pytest.approx(np.sqrt(5))
    assert coronal.tilt == pytest.approx(np.degrees(np.arctan(0.5)))


def test_a_single_plane_is_shown_as_it_is_stored() -> None:
    (only,) = planes(np.diag([0.14, 0.15, 1.0, 1.0]), (30, 20))
    assert (only.rows, only.cols, only.count) == (30, 20, 1)
    assert (only.row_step, only.col_step) == (0.15, 0.14)
    assert only.marks == ("", "", "", "")


def test_other_shapes_are_refused() -> None:
    with pytest.raises(GeometryError, match="shape"):
        planes(np.eye(4), (1, 2, 3, 4))
