from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import zarr

from explorer.errors import GeometryError
from widgets.chunk_cache import ChunkCache
from widgets.chunked_array import ChunkedArray


def _array(values: Any, chunks: tuple[int, ...]) -> Any:
    group = zarr.create_group(store={})
    made = group.create_array("a", shape=values.shape, chunks=chunks, dtype=values.dtype)
    made[...] = values
    return made


@pytest.mark.parametrize("chunks", [(4, 4, 4), (1, 9, 11), (7, 9, 11), (3, 2, 5)])
def test_every_plane_equals_the_array(chunks: tuple[int, int, int]) -> None:
    values = np.random.default_rng(0).integers(-1000, 3000, (7, 9, 11)).astype(np.int16)
    array = ChunkedArray(_array(values, chunks), ChunkCache(), "here")
    for axis in range(3):
        for k in range(values.shape[axis]):
            part: list[Any] = [slice(None)] * 3
            part[axis] = k
            np.testing.assert_array_equal(array.read(tuple(part)), values[tuple(part)])


def test_a_box_across_chunks() -> None:
    values = np.arange(7 * 9 * 11).reshape(7, 9, 11)
    array = ChunkedArray(_array(values, (3, 4, 5)), ChunkCache(), "here")
    np.testing.assert_array_equal(array.read((slice(2, 6), 3, slice(4, 11))), values[2:6, 3, 4:11])
    assert array.read((slice(2, 2), 0, slice(None))).shape == (0, 11)


def test_the_next_plane_reuses_the_chunks_of_the_last() -> None:
    cache = ChunkCache()
    array = ChunkedArray(_array(np.zeros((8, 8, 8), np.int16), (4, 4, 4)), cache, "here")
    array.read((0, slice(None), slice(None)))
    assert cache.misses == 4
    array.read((1, slice(None), slice(None)))
    assert cache.misses == 4
    array.read((slice(None), slice(None), 0))
    assert cache.misses == 6


def test_two_arrays_in_one_cache_are_not_mixed_up() -> None:
    cache = ChunkCache()
    one = ChunkedArray(_array(np.zeros((2, 2)), (2, 2)), cache, "one")
    two = ChunkedArray(_array(np.ones((2, 2)), (2, 2)), cache, "two")
    assert one.read((0, slice(None))).tolist() == [0, 0]
    assert two.read((0, slice(None))).tolist() == [1, 1]


def test_chunks_that_are_not_stored_are_not_asked_for() -> None:
    mask = np.zeros((8, 8, 8), bool)
    mask[5, 6, 7] = True
    cache = ChunkCache()
    array = ChunkedArray(_array(mask, (4, 4, 4)), cache, "here", sparse=True)
    everything = slice(None)
    assert not array.has((0, everything, everything))
    assert array.has((4, everything, everything))
    assert not array.read((0, everything, everything)).any()
    assert cache.misses == 0
    np.testing.assert_array_equal(array.read((5, everything, everything)), mask[5])
    assert cache.misses == 1


def test_an_index_outside_is_refused() -> None:
    array = ChunkedArray(_array(np.zeros((2, 3)), (2, 2)), ChunkCache(), "patient P, item ct")
    with pytest.raises(GeometryError, match=r"0 to 1.*patient P, item ct"):
        array.read((2, slice(None)))
    with pytest.raises(GeometryError):
        array.read((-1, slice(None)))


def test_stored_parts_are_those_that_hold_something() -> None:
    group = zarr.create_group(store={})
    array = group.create_array("a", shape=(2, 4, 6), chunks=(1, 2, 3), dtype="u1", fill_value=0)
    array[1, 2:4, 0:3] = 1
    sparse = ChunkedArray(array, ChunkCache(), "here", sparse=True)
    assert sparse.stored_parts(0) == []
    assert sparse.stored_parts(1) == [(slice(2, 4), slice(0, 3))]
    assert len(ChunkedArray(array, ChunkCache(), "here").stored_parts(0)) == 4
