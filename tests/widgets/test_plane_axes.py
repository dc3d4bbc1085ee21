"""Angles and axes of planes."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.errors import GeometryError
from widgets.plane_axes import PLAIN, plane_angles, plane_axes


def test_plain_planes_face_as_radiologists_look_at_them() -> None:
    right, down, away = plane_axes("axial")
    assert [right.tolist(), down.tolist(), away.tolist()] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert plane_axes("coronal").tolist() == [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    assert plane_axes("sagittal").tolist() == [[0, 1, 0], [0, 0, -1], [-1, 0, 0]]
    assert np.array_equal(plane_axes(), plane_axes("axial"))


@pytest.mark.parametrize(
    "angles", [*PLAIN.values(), (10.0, 20.0, 30.0), (350.0, -80.0, 200.0), (123.0, 90.0, 0.0)]
)
def test_angles_come_back(angles: tuple[float, float, float]) -> None:
    axes = plane_axes(angles)
    found = plane_angles(axes)
    assert np.allclose(plane_axes(found), axes, atol=1e-9)
    assert found == pytest.approx(angles, abs=1e-6)


def test_a_normal_is_looked_along() -> None:
    for normal in ((0, 0, 1), (0, 0, -2), (1, 2, 3), (-1, 0, 0)):
        axes = plane_axes(normal=normal)
        assert np.allclose(axes[2], np.asarray(normal) / np.linalg.norm(normal))
        assert np.allclose(axes @ axes.T, np.eye(3))
        assert np.linalg.det(axes) == pytest.approx(1)


def test_both_or_none_are_refused() -> None:
    for wrong in ({"normal": (0, 0, 0)}, {"normal": (1, np.nan, 0)}, {"normal": 3.0},
                  {"normal": (1, 0, 0), "rotation": "axial"}):  # fmt: skip
        with pytest.raises(GeometryError):
            plane_axes(**wrong)
