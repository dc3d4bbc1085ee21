"""Projections of slabs, against the arrays themselves and planes one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.errors import GeometryError
from explorer.space import make_affine
from widgets.oblique import oblique_plane
from widgets.sampler import Sampler
from widgets.slab import slab


@pytest.fixture
def image(made: Callable[..., Any], image_draft: Callable[..., Any]) -> Any:
    values = np.random.default_rng(1).integers(-1000, 2000, (30, 24, 20)).astype(np.int16)
    affine = make_affine([-10.0, 5, 30], np.diag([2.0, 2, 2]))
    return made(image_draft("ct", values, affine)).images["ct"]


def test_along_an_axis_it_is_the_arrays_own_maximum(image: Any) -> None:
    values = image.data.values
    assert np.array_equal(slab(image, "axial").values, values.max(axis=0))
    assert np.array_equal(slab(image, "coronal").values, values.max(axis=1)[::-1])
    assert np.array_equal(slab(image, "sagittal", how="min").values, values.min(axis=2)[::-1])
    mean = slab(image, "axial", how="mean")
    assert mean.values == pytest.approx(values.mean(axis=0), abs=1e-2)
    assert mean.kind == "mean"
    assert mean.thickness_mm == 60


def test_a_part_of_it_holds_only_the_slices_in_it(image: Any) -> None:
    found = slab(image, "axial", 6.0, centre_lps=(9, 28, 30 + 2 * 12), size_mm=(48, 40))
    assert np.array_equal(found.values, image.data.values[11:14].max(axis=0))


@pytest.mark.parametrize("how", ["max", "min"])
def test_any_side_agrees_with_planes_one_by_one(image: Any, how: Any) -> None:
    found = slab(image, (33, 18, 5), 9.0, how, step_mm=1.5)
    depths = [-3.75, -2.25, -0.75, 0.75, 2.25, 3.75]
    layers = [
        oblique_plane(
            image, found.frame.centre + depth * found.frame.axes[2], (33, 18, 5),
            size_mm=tuple(n * 1.5 for n in found.values.shape), step_mm=1.5,
        ).values
        for depth in depths
    ]  # fmt: skip
    wanted = getattr(np, f"f{how}").reduce(layers)
    # at the very border the grid that is turned as a whole reaches half a voxel farther
    inner = np.isfinite(np.stack(layers)).all(axis=0)
    assert inner.sum() > 300
    assert np.abs(found.values - wanted)[inner].max() < 0.5


def test_a_bright_spot_is_seen_from_every_side_at_its_place(
    made: Callable[..., Any], image_draft: Callable[..., Any]
) -> None:
    values = np.zeros((20, 30, 30), np.float32)
    values[5, 20, 8] = 10
    affine = make_affine([-30.0, -30, -40], np.diag([2.0, 2, 4]))
    patient = made(image_draft("pt", values, affine, modality="PT", units="SUVbw"))
    sampler = Sampler(patient.images["pt"])
    spot = np.array([-30 + 2 * 8, -30 + 2 * 20, -40 + 4 * 5.0])
    for azimuth in range(0, 360, 45):
        found = slab(sampler, (azimuth, 0, 0), step_mm=1.0)
        row, col = np.unravel_index(np.nanargmax(found.values), found.values.shape)
        wanted = found.frame.pixels(spot)
        assert abs(row - wanted[0]) <= 1
        assert abs(col - wanted[1]) <= 1.5
        assert np.nanmax(found.values) > 3
    first, last = (slab(sampler, (angle, 0, 0)).values for angle in (0, 360))
    assert np.array_equal(first, last, equal_nan=True)


def test_uneven_slices_are_projected_where_they_lie(
    made: Callable[..., Any], image_draft: Callable[..., Any]
) -> None:
    values = np.zeros((4, 10, 10), np.int16)
    values[3] = 50
    heights = np.array([0.0, 2, 4, 9])
    origins = np.stack([0 * heights, 0 * heights, heights], 1)
    draft = image_draft("ct", values, np.diag([1.0, 1, 3, 1]), slice_origins=origins)
    found = slab(made(draft).images["ct"], "coronal", step_mm=1.0)
    bright = np.flatnonzero(np.fmax.reduce(found.values, axis=1) > 49)
    height = found.frame.points(np.stack([bright, 0 * bright], 1))[:, 2]
    assert height.min() >= 8
    assert np.isnan(found.values).all(axis=1).any()  # the gap


def test_what_is_no_slab_is_refused(image: Any) -> None:
    for wrong in ({"how": "median"}, {"thickness_mm": 0.0}, {"thickness_mm": np.inf}):
        with pytest.raises(GeometryError):
            slab(image, "axial", **wrong)
