from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.errors import SourceChangedError
from explorer.space import make_affine

SLOPES = np.array([[0.5, 0.25, 2.0], [1.0, 0.000044, 0.000661]])


@pytest.fixture
def series(put: Callable[..., Any], drafts: Any) -> dict[str, tuple[Any, Any]]:
    """Images of each kind of dims and slopes, with their values in float64."""
    rng = np.random.default_rng(7)
    whole = rng.integers(-2000, 30000, (2, 3, 5, 4)).astype(np.int16)
    kinds = {
        "txyz": (whole, SLOPES, 0.0),
        "series": (whole, SLOPES[1], np.array([0.0, -5.5, 3.0])),
        "pet": (whole[0], SLOPES[1], 0.0),
        "ct": (whole[1], 1.0, -1.0),
        "raw": (whole[1], 1.0, 0.0),
        "xray": (whole[0, 0], 0.5, 10.0),
    }
    made, expected = [], {}
    for name, (stored, slope, intercept) in kinds.items():
        a, b = (np.asarray(v, float) for v in (slope, intercept))
        a, b = (v.reshape(v.shape + (1,) * 2) if v.ndim else v for v in (a, b))
        expected[name] = stored.astype(np.float64) * a + b
        made.append(
            drafts.image(stored, name, file=f"{name}.raw", slope=slope, intercept=intercept)
        )
    images = put("Anna", *made).images
    return {name: (images[name], expected[name]) for name in kinds}


@pytest.mark.parametrize("kind", ["txyz", "series", "pet", "ct", "raw", "xray"])
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_way_to_a_part_gives_the_values_of_float64(
    series: dict[str, tuple[Any, Any]], kind: str, data: Any
) -> None:
    image, expected = series[kind]
    index = tuple(
        data.draw(
            st.integers(0, n - 1)
            | st.slices(n).filter(lambda s: s.step is None or s.step > 0)
            | st.lists(st.integers(0, n - 1), min_size=1, max_size=3).map(np.array)
        )
        for n in expected.shape
    )
    wanted = expected
    for axis in reversed(range(len(index))):
        wanted = wanted[(slice(None),) * axis + (index[axis],)]
    by_read = image.read(index)
    by_data = image.data[index].values
    by_name = image.data.isel(dict(zip(image.dims, index, strict=True))).values
    stored = np.asarray(image.stored.oindex[index])
    leading = dict(zip(image.dims[:-2], index, strict=False))
    by_hand = image.to_values(stored, **leading)
    for got in (by_read, by_data, by_name, by_hand):
        assert got.shape == wanted.shape
        assert got.dtype in (np.int16, np.float32)
        np.testing.assert_allclose(got, wanted.astype(np.float32), rtol=1e-6, atol=1e-30)


def test_parts_of_parts_stay_lazy_and_right(series: dict[str, tuple[Any, Any]]) -> None:
    image, expected = series["pet"]
    part = image.data[1:][:, ::-1].isel(y=[3, 0], x=slice(None, None, -2))
    np.testing.assert_allclose(part, expected[1:][:, ::-1][:, [3, 0], ::-2], rtol=1e-6)
    np.testing.assert_allclose(image.data[-1], expected[-1], rtol=1e-6)
    assert image.data[0:0].values.shape == (0, 5, 4)


def test_pointwise_and_by_coordinate(series: dict[str, tuple[Any, Any]]) -> None:
    import xarray as xr

    image, expected = series["pet"]
    z, y = xr.DataArray([0, 2], dims="p"), xr.DataArray([4, 1], dims="p")
    got = image.data.isel(z=z, y=y, x=0)
    np.testing.assert_allclose(got, expected[[0, 2], [4, 1], 0], rtol=1e-6)
    # slices lie 2 mm apart
    np.testing.assert_allclose(image.data.sel(z=2.1, method="nearest"), expected[1], rtol=1e-6)


def test_stored_integers_stay_as_they_were(put: Callable[..., Any], drafts: Any) -> None:
    stored = np.array([[[0, 100], [200, 4095]]], np.uint16)
    image = put("Anna", drafts.image(stored, intercept=-1024.0, bits_stored=12)).images["CT"]
    assert image.stored[...].tolist() == stored.tolist()
    assert image.stored.dtype == np.uint16
    assert image.data.values.tolist() == [[[-1024, -924], [-824, 3071]]]
    assert image.data.dtype == image.value_dtype == np.int16
    assert image.units == image.data.attrs["units"] == "HU"


def test_units_with_the_reason_why_they_are_not_better(
    put: Callable[..., Any], drafts: Any
) -> None:
    draft = drafts.image(modality="PT", units="BQML", units_reason="no injection date")
    image = put("Anna", draft).images["PT"]
    assert (image.units, image.units_reason) == ("BQML", "no injection date")


def test_an_oblique_image_has_coordinates_along_its_own_axes(
    put: Callable[..., Any], drafts: Any
) -> None:
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    affine = make_affine([10, 0, 7], np.array([[2 * c, -2 * s, 0], [2 * s, 2 * c, 0], [0, 0, 3]]))
    image = put("Anna", drafts.image(affine=affine)).images["CT"]
    np.testing.assert_allclose(image.data.x, 10 * c + 2 * np.arange(4))
    np.testing.assert_allclose(image.data.y, -10 * s + 2 * np.arange(3))
    np.testing.assert_allclose(image.data.z, [7, 10])
    np.testing.assert_array_equal(image.affine, affine)
    np.testing.assert_allclose(image.spacing_mm, (3, 2, 2))
    np.testing.assert_array_equal(image.data.attrs["affine"], affine)


def test_uneven_slices_keep_their_positions(put: Callable[..., Any], drafts: Any) -> None:
    origins = np.array([[0.0, 0, 0], [0, 0, 2], [0, 0, 7]])
    draft = drafts.image(
        np.zeros((3, 2, 2), np.int16), slice_origins=origins, problems=["uneven slices"]
    )
    image = put("Anna", draft).images["CT"]
    assert image.data.z.values.tolist() == [0, 2, 7]
    np.testing.assert_array_equal(image.slice_origins, origins)
    assert image.problems == ["uneven slices"]
    assert image.address.at(voxel=(2, 1, 1)).resolve(image.patient.store).point == (1, 1, 7)


def test_nothing_is_read_before_somebody_looks(put: Callable[..., Any], drafts: Any) -> None:
    image = put("Anna", drafts.image()).images["CT"]
    Path(image.sources()[0]["uri"]).unlink()
    data = image.data
    assert (data.shape, data.dtype) == ((2, 3, 4), np.int16)
    part = data[0, 1:]
    assert "Anna" in repr(image.patient)
    with pytest.raises(SourceChangedError, match=r"Anna.*bring the files back"):
        part.values  # noqa: B018


def test_a_source_that_was_touched_is_not_read(put: Callable[..., Any], drafts: Any) -> None:
    image = put("Anna", drafts.image()).images["CT"]
    path = Path(image.sources()[0]["uri"])
    later = path.stat().st_mtime + 60
    os.utime(path, (later, later))
    with pytest.raises(SourceChangedError, match="oncograph verify"):
        image.read((0, 0, 0))


def test_what_a_grid_says(put: Callable[..., Any], drafts: Any) -> None:
    anna = put(
        "Anna",
        drafts.image(
            frame_of_reference="1.2.3", meta={"series_uid": "1.2.4", "sop_uids": ["1.2.5"]}
        ),
        drafts.image(np.zeros((3, 4), np.int16), "cr-1", file="cr.raw", modality="CR"),
    )
    grid = anna.images["CT"].grid
    assert (grid.item, grid.shape) == ("ct-00000001", (2, 3, 4))
    assert (grid.frame_of_reference, grid.series_uid) == ("1.2.3", "1.2.4")
    assert grid.uri == anna.images["CT"].sources()[0]["uri"]
    assert anna.images["CR"].grid is None
    assert anna.images["CR"].data.dims == ("y", "x")
