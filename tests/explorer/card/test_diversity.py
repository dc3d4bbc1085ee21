from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.card.diversity import diversity, diversity_index


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_between_one_and_the_number_of_kinds(counts: list[int]) -> None:
    found = diversity("x", {str(k): n for k, n in enumerate(counts)})
    assert 1 - 1e-9 <= found.effective <= len(counts) + 1e-9
    doubled = diversity("x", {str(k): 2 * n for k, n in enumerate(counts)})
    assert doubled.effective == pytest.approx(found.effective)


def test_equal_kinds_count_fully() -> None:
    even = diversity("site", {"a": 5, "b": 5, "c": 5, "d": 5}, unknown=5)
    assert (even.effective, even.evenness, even.unknown) == pytest.approx((4, 1, 0.2))
    single = diversity("site", {"a": 7})
    assert single.effective == 1
    assert math.isnan(single.evenness)
    assert diversity("site", {}, 3).kinds == 0
    assert diversity_index([even, single, diversity("site", {})]) == pytest.approx(2)
