"""Planes that nobody acquired, against geometry, linear functions of space, and scipy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from explorer.errors import GeometryError
from explorer.space import index_to_lps, lps_to_index, make_affine
from widgets.chunk_cache import ChunkCache
from widgets.oblique import oblique_plane
from widgets.sampler import Sampler

TURNED = make_affine(
    [-40.0, -35, -50],
    np.array([[0.9, 0.1, -0.05], [-0.1, 0.95, 0.1], [0.05, -0.1, 0.99]]).T @ np.diag([0.8, 1, 2.5]),
)


def _points(shape: tuple[int, int, int], affine: Any, origins: Any = None) -> Any:
    return index_to_lps(affine, np.moveaxis(np.indices(shape), 0, -1), origins)


@pytest.fixture(scope="module")
def volumes(
    make: Callable[..., Any],
    image_draft: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """A cube in an even grid, and planes of equal value in turned, sheared and uneven ones."""
    grid = make_affine([-31.5, -31.5, -31.5], np.eye(3))
    cube = (np.abs(_points((64, 64, 64), grid)).max(axis=-1) <= 20).astype(np.int16) * 1000
    rise = np.array([1.0, -0.5, 0.75])
    turned = (_points((40, 70, 90), TURNED) @ rise).astype(np.float32)
    heights = np.array([0.0, 2, 4.5, 6, 9, 11, 13.5, 15])
    tilt = np.stack([0 * heights, 0.4 * heights, heights], 1)  # of a tilted gantry
    plain = make_affine([0, 0, 0], np.diag([1.0, 1, 15 / 7]))
    sheared = (_points((8, 30, 30), plain, tilt) @ rise).astype(np.float32)
    gap = np.array([0.0, 2, 4, 20, 22, 24])
    apart = np.stack([0 * gap, 0 * gap, gap], 1)
    uneven = np.full((6, 20, 20), 7, np.int16)
    more = {"units": "1", "modality": "MR"}
    return make(
        image_draft("cube", cube, grid),
        image_draft("turned", turned, TURNED, **more),
        image_draft("sheared", sheared, plain, slice_origins=tilt, **more),
        image_draft("gap", uneven, np.diag([1.0, 1, 4.8, 1]), slice_origins=apart),
        folder=Path(tmp_path_factory.mktemp("planes")),
    )


def test_a_cube_cut_across_its_corner_is_a_regular_hexagon(volumes: Any) -> None:
    plane = oblique_plane(volumes.images["cube"], (0, 0, 0), normal=(1, 1, 1), step_mm=0.25)
    inside = plane.values > 500
    side = 40 / np.sqrt(2)  # the cube's edge is 40 voxels of 1 mm
    area = inside.sum() * 0.25**2
    assert area == pytest.approx(3 * np.sqrt(3) / 2 * side**2, rel=0.02)
    at = plane.frame.points(np.argwhere(inside)) - plane.frame.centre
    assert np.linalg.norm(at, axis=1).max() == pytest.approx(side, abs=1)
    assert np.abs(at @ plane.frame.axes[2]).max() < 1e-9
    assert np.linalg.det(plane.frame.axes) == pytest.approx(1)


@pytest.mark.parametrize("name", ["turned", "sheared"])
@pytest.mark.parametrize("rotation", ["axial", "sagittal", (37, 21, 130)])
def test_a_linear_function_of_space_comes_back(volumes: Any, name: str, rotation: Any) -> None:
    image = volumes.images[name]
    plane = oblique_plane(image, rotation=rotation, step_mm=0.7)
    points = plane.frame.points(np.moveaxis(np.indices(plane.values.shape), 0, -1))
    at = lps_to_index(image.affine, points, image.slice_origins)
    inner = ((at >= 0) & (at <= np.array(image.shape) - 1)).all(axis=-1)
    assert inner.sum() > 300
    wanted = points @ np.array([1.0, -0.5, 0.75])
    assert np.abs(plane.values - wanted)[inner].max() < 1e-3


def test_the_values_are_those_of_scipy(volumes: Any) -> None:
    image = volumes.images["turned"]
    plane = oblique_plane(image, (0, 5, 2), (12, 33, 4), size_mm=(40, 50), step_mm=0.5)
    points = plane.frame.points(np.moveaxis(np.indices(plane.values.shape), 0, -1))
    at = np.moveaxis(lps_to_index(image.affine, points), -1, 0)
    wanted = map_coordinates(image.data.values, at, np.float64, order=1, mode="nearest")
    there = np.isfinite(plane.values)
    assert there.any()
    assert plane.values[there] == pytest.approx(wanted[there], abs=1e-4)
    nearest = oblique_plane(image, (0, 5, 2), (12, 33, 4), size_mm=(40, 50), step_mm=0.5, order=0)
    k, j, i = np.rint(at).astype(int)[:, there]
    assert np.array_equal(nearest.values[there], image.data.values[k, j, i])


def test_where_no_slice_was_taken_there_is_no_value(volumes: Any) -> None:
    plane = oblique_plane(volumes.images["gap"], (9.5, 9.5, 12), "coronal", size_mm=(24, 10))
    height = plane.frame.points(np.stack([np.arange(len(plane.values)), 0 * plane.values[:, 0]], 1))
    empty = np.isnan(plane.values).all(axis=1)
    assert empty[(height[:, 2] > 6) & (height[:, 2] < 18)].all()
    assert not empty[(height[:, 2] < 5) | (height[:, 2] > 19)].any()


def test_only_the_chunks_that_a_plane_crosses_are_read(volumes: Any) -> None:
    cache = ChunkCache()
    image = volumes.images["turned"]
    sampler = Sampler(image, cache)
    oblique_plane(sampler, index_to_lps(image.affine, (20, 5, 5)), "axial", size_mm=6)
    assert len(cache) == 1
    assert all(n > c for n, c in zip(image.shape[1:], image.stored.chunks[1:], strict=True))


def test_what_is_no_plane_is_refused(volumes: Any) -> None:
    image = volumes.images["cube"]
    for wrong in ({"normal": (0, 0, 0)}, {"step_mm": -1.0}, {"size_mm": np.nan}, {"time": 3},
                  {"centre_lps": (1, 2)}):  # fmt: skip
        with pytest.raises(GeometryError):
            oblique_plane(image, **wrong)
