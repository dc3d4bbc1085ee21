"""Measuring on planes, against what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.errors import GeometryError
from widgets.lattice import Lattice
from widgets.plane_measure import plane_measure
from widgets.planes import planes

SHAPE = (10, 40, 50)
AFFINE = np.diag([0.5, 2.0, 3.0, 1.0])  # x, y, z


def _pane(name: str):  # type: ignore[no-untyped-def]
    return next(one for one in planes(AFFINE, SHAPE) if one.name == name)


def test_a_distance_is_in_mm() -> None:
    found = plane_measure(
        "distance", _pane("axial"), Lattice(AFFINE, SHAPE), np.empty(0), [[4, 10, 10], [4, 12, 16]]
    )
    assert found == {"length_mm": pytest.approx(5.0)}


@pytest.mark.parametrize(("name", "axis"), [("axial", 0), ("coronal", 1), ("sagittal", 2)])
def test_a_box_counts_the_pixels_whose_centres_are_inside(name: str, axis: int) -> None:
    volume = np.arange(np.prod(SHAPE), dtype=np.float32).reshape(SHAPE)
    ends = np.array([[1.6, 3.6, 7.6], [4.4, 8.4, 20.4]])
    ends[:, axis] = 5
    found = plane_measure("box", _pane(name), Lattice(AFFINE, SHAPE), volume.take(5, axis), ends)
    inside = [slice(2, 5), slice(4, 9), slice(8, 21)]
    inside[axis] = slice(5, 6)
    part = volume[tuple(inside)]
    assert found["pixels"] == part.size
    assert found["mean"] == pytest.approx(part.mean())
    assert found["sd"] == pytest.approx(part.std())
    assert (found["min"], found["max"]) == (part.min(), part.max())
    sides = np.delete(np.array([2.8 * 3, 4.8 * 2, 12.8 * 0.5]), axis)
    assert found["area_mm2"] == pytest.approx(sides.prod())


def test_an_ellipse_is_its_area_and_a_gap_has_no_value() -> None:
    plane = np.ones(SHAPE[1:], np.float32)
    plane[20, 20] = np.nan
    found = plane_measure(
        "ellipse", _pane("axial"), Lattice(AFFINE, SHAPE), plane, [[4, 10, 10], [4, 30, 30]]
    )
    assert found["area_mm2"] == pytest.approx(np.pi / 4 * 40 * 10)
    assert found["pixels"] == pytest.approx(np.pi / 4 * 400, rel=0.03)
    assert found["mean"] == 1


def test_what_holds_no_pixel_has_no_mean() -> None:
    found = plane_measure(
        "box", _pane("axial"), Lattice(AFFINE, SHAPE), np.ones(SHAPE[1:]),
        [[4, 10.2, 10.2], [4, 10.4, 10.4]],
    )  # fmt: skip
    assert (found["pixels"], found["mean"]) == (0, None)


@pytest.mark.parametrize("ends", [[[1, 2, 3]], [[1, 2, np.nan], [1, 2, 3]]])
def test_what_is_no_shape_is_refused(ends: list[list[float]]) -> None:
    with pytest.raises(GeometryError):
        plane_measure("box", _pane("axial"), Lattice(AFFINE, SHAPE), np.ones(SHAPE[1:]), ends)
