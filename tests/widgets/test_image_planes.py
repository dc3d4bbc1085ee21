from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.errors import GeometryError
from explorer.patient import Patient
from explorer.store import Store
from widgets.chunk_cache import ChunkCache
from widgets.image_planes import ImagePlanes


def _all_planes(image: Any) -> None:
    whole = image.data.values
    planes = ImagePlanes(image, ChunkCache())
    for axis in range(3):
        for k in (0, whole.shape[axis] // 2, whole.shape[axis] - 1):
            found = planes.plane(axis, k)
            assert found.dtype == image.value_dtype
            np.testing.assert_array_equal(found, np.take(whole, k, axis=axis))


@pytest.mark.parametrize("modality", ["CT", "PT", "MR"])
def test_all_three_planes_of_real_series_by_reference(sarcoma: Patient, modality: str) -> None:
    image = sarcoma.images[modality]
    assert image.storage == "referenced"
    _all_planes(image)


def test_pet_slices_have_slopes_of_their_own(sarcoma: Patient) -> None:
    image = sarcoma.images["PT"]
    slopes = image.rescale.slope
    assert len(np.unique(slopes)) > 1, "else this shows nothing"
    sagittal = ImagePlanes(image, ChunkCache()).plane(2, 14)
    z = int(np.argmax(slopes))
    stored = np.asarray(image.stored[z, :, 14], float)
    np.testing.assert_allclose(sagittal[z], stored * slopes[z], rtol=1e-6)


def test_slopes_by_slice_in_copied_chunks(
    made: Callable[..., Patient], image_draft: Callable[..., Any]
) -> None:
    values = np.random.default_rng(1).integers(0, 30000, (70, 20, 66)).astype(np.uint16)
    slope = np.linspace(0.1, 2, 70)
    draft = image_draft("pt", values, np.eye(4), modality="PT", units="SUVbw", slope=slope)
    image = made(draft).images["pt"]
    assert image.stored.chunks == (64, 20, 64)
    _all_planes(image)
    found = ImagePlanes(image, ChunkCache()).plane(1, 7)
    np.testing.assert_allclose(found, values[:, 7] * slope[:, None], rtol=1e-6)


def test_time_points(made: Callable[..., Patient], image_draft: Callable[..., Any]) -> None:
    values = np.random.default_rng(2).integers(-5, 5, (3, 4, 5, 6)).astype(np.int16)
    planes = ImagePlanes(made(image_draft("mr", values, np.eye(4))).images["mr"], ChunkCache())
    assert (planes.times, planes.shape) == (3, (4, 5, 6))
    np.testing.assert_array_equal(planes.plane(1, 2, time=2), values[2, :, 2])
    with pytest.raises(GeometryError):
        planes.plane(0, 0, time=3)


def test_a_radiograph(made: Callable[..., Patient], image_draft: Callable[..., Any]) -> None:
    values = np.arange(12, dtype=np.uint16).reshape(3, 4)
    image = made(image_draft("dx", values, np.eye(4), modality="DX", units="1")).images["dx"]
    planes = ImagePlanes(image, ChunkCache())
    np.testing.assert_array_equal(planes.plane(0, 0), values)
    assert planes.sample().size


def test_warm_brings_the_chunks_in(sarcoma: Patient) -> None:
    cache = ChunkCache()
    planes = ImagePlanes(sarcoma.images["CT"], cache)
    planes.warm(0, 5)
    planes.plane(0, 5)
    assert (cache.misses, cache.hits) == (1, 1)


def test_of_a_crowded_referenced_volume_only_rows_are_read(demo: Store) -> None:
    """A cache that cannot hold the volume: coronal planes come from the files, row by row."""
    image = demo["TCGA-34-2605"].images["ct-4b0e90f5"]
    assert image.storage == "referenced"
    cache = ChunkCache(1 << 20)
    found = ImagePlanes(image, cache).plane(1, 200)
    assert np.array_equal(found, image.data.values[:, 200])
    assert found.dtype == image.value_dtype
    assert cache.misses == 0
    with pytest.raises(GeometryError):
        ImagePlanes(image, cache).plane(1, 512)


def test_a_first_window_does_not_decode_layers_that_nobody_looks_at(
    made: Callable[..., Any], image_draft: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.arange(200 * 8 * 8, dtype=np.int16).reshape(200, 8, 8)
    image = made(image_draft("mr", values, np.eye(4), modality="MR", units="1")).images["mr"]
    assert image.stored.chunks[0] == 64
    few = ImagePlanes(image, ChunkCache())
    every = few.sample()
    monkeypatch.setattr("widgets.image_planes._MOST_SAMPLED", 1000)
    cache = ChunkCache()
    one = ImagePlanes(image, cache).sample()
    assert cache.misses == 1
    assert one.size < every.size
    assert set(one) == set(values[100, ::2, ::2].ravel().astype(float))
