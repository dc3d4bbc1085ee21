"""Planted ellipsoids, rotated, in anisotropic, oblique and uneven grids."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from explorer.space import index_to_lps, spacing
from graphs.errors import MeasureError
from graphs.measure import measure
from graphs.voxel_grid import VoxelGrid

EVEN = np.diag([0.8, 0.8, 2.0, 1.0])


def rotation(degrees: float, axis: int) -> np.ndarray:
    a = np.radians(degrees)
    turned = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    turned[i, i], turned[i, j], turned[j, i], turned[j, j] = (
        np.cos(a),
        -np.sin(a),
        np.sin(a),
        np.cos(a),
    )
    return turned


def plant(shape, affine, radii, turned, origins=None, middle=None):
    """An ellipsoid: a voxel is in where its centre is; and its matrix."""
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1)
    centre = np.asarray(shape) / 2 - 0.37 if middle is None else middle
    away = index_to_lps(affine, index, origins) - index_to_lps(affine, centre, origins)
    matrix = turned @ np.diag(1 / np.asarray(radii, float) ** 2) @ turned.T
    return np.einsum("...i,ij,...j->...", away, matrix, away) <= 1, matrix


def in_slice(matrix: np.ndarray, basis: np.ndarray) -> tuple[float, float]:
    """Both diameters of the ellipse in which the middle slice cuts it."""
    cut = np.linalg.eigvalsh(basis @ matrix @ basis.T)
    return 2 / np.sqrt(cut[0]), 2 / np.sqrt(cut[1])


@pytest.mark.parametrize("seed", range(12))
def test_planted_ellipsoids(seed: int) -> None:
    random = np.random.default_rng(seed)
    steps = random.uniform([0.5, 0.5, 0.7], [1.2, 1.2, 3.0])
    affine = np.eye(4)
    affine[:3, :3] = rotation(random.uniform(-40, 40), 0) @ rotation(random.uniform(-30, 30), 1)
    affine[:3, :3] *= steps
    affine[:3, 3] = random.uniform(-300, 300, 3)
    radii = random.uniform(6, 14, 3)
    turned = rotation(random.uniform(0, 180), 2) @ rotation(random.uniform(0, 180), 1)
    shape = tuple(int(34 / step) for step in steps[::-1])
    mask, matrix = plant(shape, affine, radii, turned)
    found = measure(mask, affine=affine)
    longest, across = in_slice(matrix, VoxelGrid(affine, shape[0]).in_plane())
    diagonal = float(np.linalg.norm(spacing(affine)))
    assert found.longest_mm == pytest.approx(longest, abs=diagonal)
    assert found.perpendicular_mm == pytest.approx(across, abs=diagonal)
    assert found.extent_3d_mm == pytest.approx(2 * radii.max(), abs=diagonal)
    assert found.volume_mm3 == pytest.approx(4 / 3 * np.pi * radii.prod(), rel=0.03)
    middle = index_to_lps(affine, np.asarray(shape) / 2 - 0.37)
    assert found.centroid == pytest.approx(middle, abs=diagonal / 4)
    a, b = np.asarray(found.longest_at)
    c, d = np.asarray(found.perpendicular_at)
    assert np.linalg.norm(a - b) == pytest.approx(found.longest_mm)
    assert np.linalg.norm(c - d) == pytest.approx(found.perpendicular_mm)
    assert (a - b) @ (c - d) == pytest.approx(0, abs=1e-6)
    normal = VoxelGrid(affine, shape[0]).normal
    assert [(p - a) @ normal for p in (b, c, d)] == pytest.approx([0, 0, 0], abs=1e-6)


def test_uneven_slices_have_their_own_thickness() -> None:
    shape = (24, 60, 60)
    gaps = np.where(np.arange(23) < 12, 1.0, 2.0)
    origins = np.zeros((24, 3))
    origins[1:, 2] = np.cumsum(gaps)
    mask, _ = plant(shape, EVEN, (9, 9, 11), np.eye(3), origins, (12, 30, 30))
    found = measure(mask, affine=EVEN, slice_origins=origins)
    assert found.volume_mm3 == pytest.approx(4 / 3 * np.pi * 9 * 9 * 11, rel=0.03)
    assert found.extent_3d_mm == pytest.approx(22, abs=2)
    assert found.longest_mm == pytest.approx(18, abs=0.8)
    even = measure(mask, affine=EVEN)
    assert even.volume_mm3 > 1.1 * found.volume_mm3  # what the affine alone would have said


def test_one_voxel_and_a_bar() -> None:
    mask = np.zeros((3, 8, 9), bool)
    mask[1, 2, 3] = True
    one = measure(mask, affine=np.diag([2.0, 1.0, 3.0, 1.0]))
    assert (one.longest_mm, one.perpendicular_mm, one.extent_3d_mm) == pytest.approx((2, 1, 3))
    assert one.voxels == 1
    assert one.volume_mm3 == pytest.approx(6)
    assert one.box == ((1, 2), (2, 3), (3, 4))
    mask[1, 2, 3:8] = True
    bar = measure(mask, affine=np.diag([2.0, 1.0, 3.0, 1.0]))
    assert (bar.longest_mm, bar.perpendicular_mm) == pytest.approx((10, 1))
    assert bar.plane == 1


def test_parts_apart_are_told_and_not_bridged() -> None:
    mask = np.zeros((5, 40, 40), bool)
    mask[2, 5:15, 5:15] = True
    mask[2, 35, 35] = True
    found = measure(mask, affine=np.eye(4))
    assert found.longest_mm < 15
    assert found.extent_3d_mm > 40
    assert found.voxels == 101
    assert "2 separate parts" in found.problems[0]


def test_intensities_and_an_edge() -> None:
    mask = np.zeros((4, 6, 6), bool)
    mask[0:2, 2:4, 2:4] = True
    values = np.arange(4 * 6 * 6, dtype=np.float32).reshape(4, 6, 6)
    found = measure(mask, values, affine=np.eye(4), units="HU")
    inside = values[mask].astype(float)
    assert (found.mean, found.std, found.median) == pytest.approx(
        (inside.mean(), inside.std(), np.median(inside))
    )
    assert (found.minimum, found.maximum, found.units) == (inside.min(), inside.max(), "HU")
    assert found.peak is None
    assert found.tlg is None
    assert found.problems == ("it reaches the image's edge along z and may go on",)


def test_suv_peak_is_the_best_sphere_of_one_millilitre() -> None:
    values = np.ones((30, 30, 30), np.float32)
    mask = np.zeros(values.shape, bool)
    mask[10:20, 10:20, 10:20] = True
    values[15, 15, 15] = 101.0
    found = measure(mask, values, affine=np.diag([1.0, 1.0, 1.0, 1.0]), units="SUVbw")
    ball = sum(
        z * z + y * y + x * x <= (3000 / 4 / np.pi) ** (2 / 3)
        for z in range(-7, 8) for y in range(-7, 8) for x in range(-7, 8)
    )  # fmt: skip
    assert found.peak == pytest.approx(1 + 100 / ball)
    assert found.maximum == 101
    assert found.tlg == pytest.approx(found.mean * 1.0)
    values[0] = np.nan  # outside of the mask, and of every sphere
    assert measure(mask, values, affine=np.eye(4), units="SUVbw").peak == found.peak


def test_only_the_part_around_the_mask_is_read() -> None:
    mask = np.zeros((50, 50, 50), bool)
    mask[20:23, 20:23, 20:23] = True
    values = np.full(mask.shape, np.nan)
    values[20:23, 20:23, 20:23] = 7
    data = xr.DataArray(values, dims=("z", "y", "x"), attrs={"units": "HU", "affine": np.eye(4)})
    assert measure(xr.DataArray(mask, dims=("z", "y", "x")), data).mean == 7


def test_what_cannot_be_measured_is_refused() -> None:
    empty = np.zeros((3, 3, 3), bool)
    with pytest.raises(MeasureError, match="empty"):
        measure(empty, affine=np.eye(4))
    with pytest.raises(MeasureError, match="where its voxels lie"):
        measure(~empty)
    with pytest.raises(MeasureError, match="bool"):
        measure(empty.astype(float), affine=np.eye(4))
    with pytest.raises(MeasureError, match="shape"):
        measure(~empty, np.zeros((2, 3, 3)), affine=np.eye(4))
    with pytest.raises(MeasureError, match="slice origins"):
        measure(~empty, affine=np.eye(4), slice_origins=np.zeros((2, 3)))
    over_time = xr.DataArray(np.zeros((2, 3, 3, 3)), dims=("t", "z", "y", "x"))
    found = measure(~empty, over_time, affine=np.eye(4))
    assert found.mean is None
    assert "t, z, y, x" in found.problems[-1]
