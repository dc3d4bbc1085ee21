from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from widgets.contour_layer import ContourLayer
from widgets.lattice import Lattice
from widgets.planes import planes

SHAPE = (10, 40, 50)
AFFINE = np.diag([0.5, 2.0, 3.0, 1.0])
SQUARE = [[4, 10, 10], [4, 10, 30], [4, 20, 30], [4, 20, 10]]


def _part(name: str, index: int, **one: Any) -> tuple[list[Any], np.ndarray]:
    pane = next(p for p in planes(AFFINE, SHAPE) if p.name == name)
    about, data = ContourLayer([one], Lattice(AFFINE, SHAPE)).part(pane, index, 0)
    return about["lines"], np.frombuffer(data, "<f4").reshape(-1, 2)


def test_it_lies_in_its_plane_alone() -> None:
    lines, points = _part("axial", 4, voxels=SQUARE)
    assert lines == [[0, 4, False]]
    assert points.tolist() == [[10, 10], [10, 30], [20, 30], [20, 10]]
    assert _part("axial", 5, voxels=SQUARE)[0] == []


def test_millimetres_are_the_same_place() -> None:
    lps = [[x * 0.5, y * 2.0, z * 3.0] for z, y, x in SQUARE]
    assert _part("axial", 4, points=lps)[1] == pytest.approx(np.array(SQUARE)[:, 1:])


def test_other_planes_cut_it_in_points() -> None:
    lines, points = _part("coronal", 15, voxels=SQUARE)
    assert lines == [[0, 2, True]]
    # z runs down from the head: the last slice is on top
    assert sorted(points.tolist()) == [[5, 10], [5, 30]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"voxels": SQUARE, "points": SQUARE},
        {},
        {"voxels": [[1, 2]]},
        {"voxels": SQUARE, "color": "url(x)"},
        {"voxels": SQUARE, "html": "x"},
    ],
)
def test_what_is_no_contour_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="contour"):
        ContourLayer([wrong], Lattice(AFFINE, SHAPE))
