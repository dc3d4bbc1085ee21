"""Values against float64 arithmetic, for every way of reading a part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from explorer.rescale import Rescale, value_dtype


@pytest.mark.parametrize(
    ("stored", "bits", "slope", "intercept", "expected"),
    [
        ("i2", 16, 1, 0, "int16"),
        ("i2", 16, 1, -1, "float32"),  # -32769 would not fit
        ("u2", 12, 1, -1024, "int16"),
        ("u2", 15, 1, 0, "int16"),
        ("u2", 16, 1, 0, "float32"),
        ("u2", 16, 1, -32768, "int16"),
        ("u2", 12, 1, -1024.5, "float32"),
        ("u2", 12, 2, 0, "float32"),
        ("u1", 8, 1, 32512, "int16"),
        ("u1", 8, 1, 32513, "float32"),
        ("u1", 16, 1, 0, "int16"),  # 8 bits, whatever the header says
        ("i4", 32, 1, 0, "float32"),
        ("f4", 32, 1, 0, "float32"),
        ("f8", 64, 1, 0, "float32"),
        ("?", 1, 1, 0, "int16"),
        ("?", 1, 0.5, 0, "float32"),
        ("u2", 12, [1, 1], [0, -1024], "int16"),
        ("u2", 12, [1, 2], [0, 0], "float32"),
    ],
)
def test_int16_only_where_it_holds_every_value(
    stored: str, bits: int, slope: Any, intercept: Any, expected: str
) -> None:
    assert value_dtype(np.dtype(stored), bits, slope, intercept) == expected


def _reference(stored: Any, slope: Any, intercept: Any) -> Any:
    def spread(v: Any) -> Any:
        v = np.asarray(v, float)
        return v.reshape((*v.shape, 1, 1)) if v.ndim else v

    return np.asarray(stored, np.float64) * spread(slope) + spread(intercept)


def _one(data: Any, n: int) -> Any:
    """An int, a slice or an index array for an axis of length n."""
    return data.draw(
        st.integers(0, n - 1)
        | st.slices(n)
        | st.lists(st.integers(0, n - 1), max_size=4).map(lambda v: np.array(v, int))
    )


def _orthogonal(array: Any, index: Any) -> Any:
    for axis in reversed(range(len(index))):
        array = array[(slice(None),) * axis + (index[axis],)]
    return array


@settings(max_examples=120)
@given(data=st.data())
def test_any_part_is_the_part_of_the_whole(data: Any) -> None:
    lead = data.draw(st.sampled_from([(), (3,), (2, 3)]))
    dtype = np.dtype(data.draw(st.sampled_from(["i2", "u2", "u1", "i4", "f4"])))
    shape = (*lead, 2, 3)
    stored = data.draw(hnp.arrays(dtype, shape, elements=_numbers(dtype)))
    of = data.draw(st.sampled_from([lead[len(lead) - n :] for n in range(len(lead) + 1)]))
    numbers = st.floats(-100, 100, width=32)
    slope = data.draw(hnp.arrays(float, of, elements=numbers))
    intercept = data.draw(hnp.arrays(float, data.draw(st.sampled_from([(), of])), elements=numbers))
    whole = _reference(stored, slope, intercept)
    rescale = Rescale(slope, intercept, value_dtype(dtype, dtype.itemsize * 8, slope, intercept))
    index = tuple(_one(data, n) for n in shape)
    part = _orthogonal(stored, index)
    trailing = sum(not isinstance(i, int) for i in index[-2:])
    got = rescale.apply(np.asarray(part), index[:-2], trailing)
    expected = _orthogonal(whole, index)
    assert got.dtype == rescale.dtype
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected.astype(np.float32), rtol=1e-7, atol=0)


def _numbers(dtype: Any) -> Any:
    if dtype.kind == "f":
        return st.floats(-1e6, 1e6, width=32)
    return st.integers(np.iinfo(dtype).min, np.iinfo(dtype).max)


@pytest.mark.parametrize("dtype", ["i2", "u2", "u1", "?", "f2", ">i2"])
def test_large_volumes_take_another_way_to_the_same_values(dtype: str) -> None:
    values = (np.arange(2**18) % 30000).astype(dtype).reshape(4, 256, 256)
    rescale = Rescale(np.array(0.37), np.array(-1024.25), np.dtype(np.float32))
    expected = (values.astype(np.float64) * 0.37 - 1024.25).astype(np.float32)
    np.testing.assert_array_equal(rescale.apply(values), expected)


def test_unsigned_numbers_above_int16_come_down_exactly() -> None:
    stored = np.array([[[0, 1024, 40000, 65535]]], np.uint16)
    rescale = Rescale(np.array(1.0), np.array(-32768.0), np.dtype(np.int16))
    assert rescale.apply(stored).tolist() == [[[-32768, -31744, 7232, 32767]]]
    assert rescale.apply(stored[0, 0, 2], (0,), 0).tolist() == 7232


@pytest.mark.parametrize("dtype", ["i2", "u2", "u1", ">i2", ">u2"])
def test_what_was_read_for_it_alone_may_be_overwritten_and_nothing_else(dtype: str) -> None:
    stored = np.arange(24).astype(dtype).reshape(2, 3, 4)
    kept = stored.copy()
    rescale = Rescale(np.array(1.0), np.array([-1.0, -2.0]), np.dtype(np.int16))
    expected = kept.astype(np.int64) - np.array([1, 2]).reshape(2, 1, 1)
    np.testing.assert_array_equal(rescale.apply(stored), expected)
    np.testing.assert_array_equal(stored, kept)
    stored.setflags(write=False)
    np.testing.assert_array_equal(rescale.apply(stored, overwrite=True), expected)
    np.testing.assert_array_equal(stored, kept)
    stored.setflags(write=True)
    got = rescale.apply(stored, overwrite=True)
    np.testing.assert_array_equal(got, expected)
    assert got.dtype == np.int16
    assert np.shares_memory(got, stored) == (dtype in ("i2", "u2"))
