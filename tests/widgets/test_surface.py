"""Triangles around a segment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.patient import Patient
from widgets.surface import Surface, surface


def volume(shape: Surface) -> float:
    """Signed volume in mm3: more than 0 where the triangles look outwards."""
    a, b, c = shape.points.astype(float)[shape.triangles].transpose(1, 0, 2)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize("mirror", [1, -1])
def test_a_ball(made: Callable[..., Patient], seg_draft: Any, mirror: int) -> None:
    affine = np.diag([mirror * 0.8, 0.8, 2.0, 1.0])
    affine[:3, 3] = [10, -20, 30]
    z, y, x = np.mgrid[:20, :50, :50]
    ball = ((z - 10) * 2.0) ** 2 + ((y - 25) * 0.8) ** 2 + ((x - 20) * 0.8) ** 2 < 14**2
    masks = {"ball": ball, "nothing": np.zeros_like(ball)}
    seg = made(seg_draft("seg-1", masks, affine, None)).segmentations["seg-1"]
    found = surface(seg, "ball")
    assert found is not None
    assert volume(found) == pytest.approx(4 / 3 * np.pi * 14**3, rel=0.05)
    centre = np.array([mirror * 0.8 * 20 + 10, 0.8 * 25 - 20, 2.0 * 10 + 30])
    far = np.linalg.norm(found.points - centre, axis=1)
    assert abs(far - 14).max() < 2.0, "within a voxel"
    assert surface(seg, "nothing") is None
    rough = surface(seg, "ball", most=500)
    assert rough is not None
    assert rough.step > 1
    assert len(rough.points) < len(found.points)


def test_one_voxel(made: Callable[..., Patient], seg_draft: Any) -> None:
    mask = np.zeros((3, 4, 5), bool)
    mask[1, 2, 3] = True
    seg = made(seg_draft("seg-1", {"dot": mask}, np.eye(4), None)).segmentations["seg-1"]
    found = surface(seg, "dot")
    assert found is not None
    np.testing.assert_allclose(found.points.mean(axis=0), [3, 2, 1], atol=0.01)
