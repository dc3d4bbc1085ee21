"""Addresses are made when asked for, once, and survive a process's end."""

import pickle

import numpy as np
import pyarrow as pa

from graphs.hetero.addresses import Addresses
from graphs.hetero.lazy_text import LazyText, lazy_addresses


def test_text_is_made_once_and_late() -> None:
    asked: list[int] = []

    def make() -> pa.Array:
        asked.append(1)
        return pa.array(["a", "b", "c", "d"])

    text = LazyText(make, 4)
    some = text.filter(np.array([True, False, True, True])).take(pa.array([2, 0]))
    assert (len(text), len(some), asked) == (4, 2, [])
    assert some.text().to_pylist() == ["d", "a"]
    assert text.text().to_pylist() == ["a", "b", "c", "d"]
    assert asked == [1]


def test_addresses_name_the_row_among_its_like() -> None:
    keys, patient = pa.array(["k0", "k1"]), np.array([0, 0, 0, 1, 0])
    item = pa.array(["T stage", "", None, "T stage", "T stage"])
    made = lazy_addresses(keys, patient, "facts", item).text().to_pylist()
    assert made == [
        "onco:k0/facts/T%20stage", "onco:k0/facts/unnamed", "onco:k0/facts/unnamed#row=2",
        "onco:k1/facts/T%20stage", "onco:k0/facts/T%20stage#row=2",
    ]  # fmt: skip


def test_a_list_of_several_parts_is_one_list() -> None:
    late = LazyText(lambda: pa.array(["b", "c"]), 2)
    whole = Addresses.of_parts([pa.array(["a"]), late])
    assert len(whole) == 3
    assert list(pickle.loads(pickle.dumps(whole))) == ["a", "b", "c"]
    assert whole[2] == "c"
    assert whole.index("b") == 1
    assert whole == Addresses(["a", "b", "c"])
